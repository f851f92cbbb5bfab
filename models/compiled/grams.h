/* The hashed n-grams of a folded text: of words, and of characters within words, as scikit-learn finds them. */
#ifndef SLUICEGATE_GRAMS_H
#define SLUICEGATE_GRAMS_H

#include <stddef.h>
#include <stdint.h>

/* A folded text in UTF-8, " piece piece ": a space before its first piece, between any two, and after the last. */
typedef struct {
    const uint8_t *bytes;
    size_t pieces;
    const uint32_t *begins; /* piece i is bytes[begins[i] .. begins[i + 1] - 1); there is one entry more than pieces */
} Pieces;

typedef enum { CHARACTERS, WORDS } Analyzer;

typedef struct {
    Analyzer analyzer;
    uint32_t smallest, largest; /* n of the n-grams */
    uint32_t size;              /* columns that they are hashed to */
} GramRange;

/* The n-grams of a text, in the order in which they were found; grows with the texts and is kept from one to the next. */
typedef struct {
    size_t count, room;
    uint32_t *columns;
    uint32_t *firsts, *lasts; /* the first and the last piece that each touches; only where owners are asked for */
    size_t words, words_room;
    uint32_t *word_begins, *word_ends, *word_pieces;
    size_t joined_room;
    uint8_t *joined;
} Grams;

void grams_free(Grams *grams);

/* Find the n-grams of a text anew. Returns 0; -1 where memory ran out. */
int find_grams(Grams *grams, const GramRange *range, const Pieces *text, int owners);

/* Find the words of a text anew, longest runs of letters, digits and underscores: `words` says how many there are, and
   `word_begins` and `word_ends` where. Returns 0; -1 where memory ran out. */
int find_words(Grams *grams, const Pieces *text);

#endif
