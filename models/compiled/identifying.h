/* The language of texts: words that tell it, fragments of bytes in them, and naive Bayes over those. */
#ifndef SLUICEGATE_IDENTIFYING_H
#define SLUICEGATE_IDENTIFYING_H

#include <stddef.h>
#include <stdint.h>

/* What a character is, a byte for each code point; 0 where nobody has looked yet. models/language/characters.py. */
enum {
    CHARACTER_KNOWN = 1,
    CHARACTER_SPACE = 2,
    CHARACTER_LETTER = 4,
    CHARACTER_PLAIN = 8, /* stays as it is in NFKC, whatever plain character stands before and after it */
    CHARACTER_UPPER = 16,
    CHARACTER_LOWER = 32, /* titles, too */
    CHARACTER_JOINING = 64,
    CHARACTER_SIGN = 128
};

enum { CODE_POINTS = 0x110000 };

/* In place of a language. */
enum { LANGUAGE_NONE = -1, LANGUAGE_ASK = -2 };

enum { LANGUAGES_WELL = 0, LANGUAGES_NO_MEMORY = 1 };

typedef struct {
    const uint32_t *next;     /* next states, 256 a row */
    const uint16_t *rows;     /* the row of each state */
    const int32_t *fragments; /* the fragment that ends in each state, below 0 for none */
    const float *weights;     /* n_columns for each fragment */
    const float *priors;      /* one for each column */
    size_t n_columns;
} language_model;

typedef struct {
    const int32_t *languages; /* the language of each column, below 0 where it is not configured */
    size_t n_languages;
    float sharpness;
    double prior;
} language_choice;

typedef struct {
    const uint8_t *bytes;
    const int64_t *begins;
    const int64_t *lengths;
    size_t n_texts;
    int worded; /* whether the texts are what is left of texts, and read whole */
} language_texts;

/* Give the language of each text, or why there is none, and its probability, 0 without one.
 *
 * The texts lie within the bytes; `logs[n]` is log(1 + n) for every n up to the length of the longest one, and up to
 * 1,200. LANGUAGE_ASK where a text holds what is not known, or what NFKC or lower case would change: its words are
 * left to the caller. Nothing of the model or the characters may change meanwhile. */
int identify_languages(const language_model *model, const language_choice *choice, const uint8_t *characters,
                       const float *logs, const language_texts *texts, int32_t *found, double *probabilities);

/* Give the words of a text that tell its language, at most 1,200 bytes; their size, or LANGUAGE_ASK. */
int64_t words_of(const uint8_t *text, size_t length, const uint8_t *characters, uint8_t *words);

/* Give the score of each column; 0 where no fragment is known, -1 without memory. */
int score_languages(const language_model *model, const float *logs, const uint8_t *bytes, size_t length,
                    float *scores);

#endif
