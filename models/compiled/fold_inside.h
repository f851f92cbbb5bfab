/* What the parts of the folding share; none but they include it. Functions that return int give -1 without memory. */
#ifndef SLUICEGATE_FOLD_INSIDE_H
#define SLUICEGATE_FOLD_INSIDE_H

#include <string.h>

#include "fold.h"
#include "fold_tables.h"

#define COMBINING(flags) ((flags) >> 24)

/* Of a code point: its entry in a table of two stages. */
#define STAGED(name, point) name##_blocks[((size_t)name##_stage[(point) >> 7] << 7) | ((point) & 127)]

static inline uint32_t flags_of(uint32_t point) {
    return point < 128 ? fold_ascii[point] : fold_kinds[STAGED(fold_kind, point)];
}

/* Of an ASCII character: the classes of the expressions that it is in; of others none. */
static inline uint32_t class_of(uint32_t point) { return point < 128 ? fold_classes[point] : 0; }

static inline int is_word(uint32_t point) { return (flags_of(point) & WORD) != 0; }

/* ---- memory (fold_memory.c) */

int grown(void **memory, size_t *room, size_t needed, size_t size);

static inline int letters_reserve(FoldLetters *letters, size_t needed) {
    return needed <= letters->room ? 0 : grown((void **)&letters->at, &letters->room, needed, sizeof(uint32_t));
}

int letters_set(FoldLetters *letters, const uint32_t *text, size_t length);

/* Append a part to a list; its letters are as they were given. */
int parts_add(FoldParts *parts, const uint32_t *text, size_t length, size_t first, size_t last);

static inline void parts_clear(FoldParts *parts) { parts->letters.length = parts->count = 0; }

/* ---- characters (fold_normal.c, fold_references.c, fold_characters.c) */

/* Unicode's forms NFKC and NFD of letters in place, by way of other ones. */
int compose_compatibly(FoldLetters *letters, FoldLetters *work);
int decompose(FoldLetters *letters, FoldLetters *work);

/* HTML's references, resolved in place. */
int resolve_references(FoldLetters *letters, FoldLetters *work);

/* The canonical form of a token. */
int canonical_form(Folded *folded, const uint32_t *token, size_t length, FoldLetters *found);
int is_canonical(const uint32_t *token, size_t length);

/* ---- words (fold_words.c) */

/* Take the disguises off a word in place; its length afterwards. */
size_t plain_word(uint32_t *word, size_t length);

/* ---- special pieces (fold_special.c) */

typedef enum { NOTHING, LINK, MAIL, MENTION, NUMBER, FLAGS, ONE_EMOJI, GAP } SpecialKind;

typedef struct {
    size_t start, end;
    SpecialKind kind;
} Special;

/* The first special piece from a place on; its kind is NOTHING where there is none. */
Special special_from(const uint32_t *text, size_t length, size_t place);

/* The word for all pieces of a kind, and whether a piece is one of these words. */
const char *word_of_kind(SpecialKind kind);
int is_own_word(const uint32_t *text, size_t length);

/* The name of an emoji of one code point or two, as its words; NULL where it is none. */
const char *emoji_name(const uint32_t *sign, size_t length);

/* ---- tokens (fold_token.c) */

/* Fold a token to folded->parts; with places, from and to of these are code points of the token. */
int fold_token(Folded *folded, const uint32_t *token, size_t length);

/* Give pieces whose places overlap the place that they share. */
void places_apart(uint32_t *from, uint32_t *to, size_t count);

/* ---- pieces (fold_pieces.c) */

int pieces_reserve(FoldPieces *pieces, size_t bytes, size_t count, int with_places);
/* Make of these nothing but the first space. */
int pieces_restart(FoldPieces *pieces);

int pieces_add_bytes(FoldPieces *pieces, const uint8_t *text, size_t length, int with_places);

/* Append the parts of a token, which stands at a place of the text. */
int pieces_add_parts(FoldPieces *pieces, const FoldParts *parts, size_t offset, int with_places);

/* Join letters that stand alone, and say the names of emoji. */
int join_letters(Folded *folded);
int name_emoji(Folded *folded);

/* Write a code point as UTF-8; where it ends. */
static inline uint8_t *encoded(uint32_t point, uint8_t *to) {
    if (point < 0x80) {
        *to++ = (uint8_t)point;
        return to;
    }
    if (point < 0x800) {
        *to++ = (uint8_t)(0xc0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *to++ = (uint8_t)(0xe0 | point >> 12);
        } else {
            *to++ = (uint8_t)(0xf0 | point >> 18);
            *to++ = (uint8_t)(0x80 | (point >> 12 & 0x3f));
        }
        *to++ = (uint8_t)(0x80 | (point >> 6 & 0x3f));
    }
    *to++ = (uint8_t)(0x80 | (point & 0x3f));
    return to;
}

/* The code point at a place of UTF-8, and the place after it; U+FFFD where the bytes are none. */
static inline uint32_t decoded(const uint8_t *text, size_t length, size_t *place) {
    size_t at = *place;
    uint32_t first = text[at];
    *place = at + 1;
    if (first < 0x80) return first;
    size_t left = length - at;
    if (first >= 0xc2 && first < 0xe0 && left > 1) {
        *place = at + 2;
        return (first & 0x1f) << 6 | (text[at + 1] & 0x3f);
    }
    if (first >= 0xe0 && first < 0xf0 && left > 2) {
        *place = at + 3;
        return (first & 0x0f) << 12 | (uint32_t)(text[at + 1] & 0x3f) << 6 | (text[at + 2] & 0x3f);
    }
    if (first >= 0xf0 && first < 0xf5 && left > 3) {
        uint32_t point = (first & 0x07) << 18 | (uint32_t)(text[at + 1] & 0x3f) << 12 |
                         (uint32_t)(text[at + 2] & 0x3f) << 6 | (text[at + 3] & 0x3f);
        *place = at + 4;
        return point <= 0x10ffff ? point : 0xfffd;
    }
    return 0xfffd;
}

#endif
