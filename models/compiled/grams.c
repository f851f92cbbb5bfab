#include "grams.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "word_characters.h"

void grams_free(Grams *grams) {
    free(grams->columns);
    free(grams->firsts);
    free(grams->lasts);
    free(grams->word_begins);
    free(grams->word_ends);
    free(grams->word_pieces);
    free(grams->joined);
    memset(grams, 0, sizeof *grams);
}

static int grown(uint32_t **array, size_t room) {
    if (room > SIZE_MAX / sizeof(uint32_t))
        return -1;
    uint32_t *larger = realloc(*array, room * sizeof(uint32_t));
    if (larger == NULL)
        return -1;
    *array = larger;
    return 0;
}

static int make_room(Grams *grams, size_t more) {
    if (grams->count + more <= grams->room)
        return 0;
    size_t room = 2 * (grams->count + more) + 1024;
    if (grown(&grams->columns, room) || grown(&grams->firsts, room) || grown(&grams->lasts, room))
        return -1;
    grams->room = room;
    return 0;
}

static inline void add(Grams *grams, uint32_t column, size_t first, size_t last, int owners) {
    grams->columns[grams->count] = column;
    if (owners) {
        grams->firsts[grams->count] = (uint32_t)first;
        grams->lasts[grams->count] = (uint32_t)last;
    }
    grams->count++;
}

/* Where the character begins that follows the one at a place. */
static inline size_t after(const uint8_t *bytes, size_t place) {
    uint8_t lead = bytes[place];
    return place + (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
}

static size_t characters_of(const uint8_t *bytes, size_t begin, size_t end) {
    size_t count = 0;
    for (size_t place = begin; place < end; place++)
        count += (bytes[place] & 0xc0) != 0x80;
    return count;
}

/* n-grams of characters of one length within a padded word of so many characters; a word that is shorter counts once. */
static void add_of_length(Grams *grams, const uint8_t *bytes, size_t begin, size_t end, uint32_t length, uint32_t size,
                          size_t piece, int owners) {
    size_t last = begin; /* where the n-gram ends */
    for (uint32_t taken = 0; taken < length && last < end; taken++)
        last = after(bytes, last);
    for (size_t first = begin;; first = after(bytes, first), last = after(bytes, last)) {
        add(grams, column_of(murmur3(bytes + first, last - first), size), piece, piece, owners);
        if (last >= end)
            break;
    }
}

/* The same for a word of ASCII, whose characters are its bytes. */
static void add_ascii(Grams *grams, const uint8_t *padded, size_t characters, const GramRange *range, size_t piece,
                      int owners) {
    for (uint32_t length = range->smallest; length <= range->largest; length++) {
        if (characters <= length) {
            add(grams, column_of(murmur3(padded, characters), range->size), piece, piece, owners);
            break;
        }
        for (size_t first = 0; first + length <= characters; first++)
            add(grams, column_of(murmur3(padded + first, length), range->size), piece, piece, owners);
    }
}

/* The same for n-grams of two to five bytes, whose hashes share their first steps; columns has room for all of them. */
static size_t add_two_to_five(uint32_t *columns, const uint8_t *padded, size_t characters, uint32_t size) {
    /* A padded word has three characters or more. */
    size_t twos = characters - 1, threes = characters - 2, fours = characters - 3, fives = fours ? fours - 1 : 0;
    uint32_t *two = columns, *three = two + twos, *four = three + threes, *five = four + fours;
    uint32_t last = murmur3_mixed(padded[characters - 2] | (uint32_t)padded[characters - 1] << 8);
    two[twos - 1] = column_of(murmur3_finished(last, 2), size);
    for (size_t place = 0; place < threes; place++) {
        uint32_t pair = padded[place] | (uint32_t)padded[place + 1] << 8;
        two[place] = column_of(murmur3_finished(murmur3_mixed(pair), 2), size);
        three[place] = column_of(murmur3_finished(murmur3_mixed(pair | (uint32_t)padded[place + 2] << 16), 3), size);
    }
    for (size_t place = 0; place < fives; place++) {
        uint32_t begun = murmur3_block(0, padded + place);
        four[place] = column_of(murmur3_finished(begun, 4), size);
        five[place] = column_of(murmur3_finished(begun ^ murmur3_mixed(padded[place + 4]), 5), size);
    }
    if (fours)
        four[fours - 1] = column_of(murmur3_finished(murmur3_block(0, padded + fours - 1), 4), size);
    return twos + threes + fours + fives;
}

/* Say of the next n-grams that they lie within a piece. */
static void own(Grams *grams, size_t found, size_t piece) {
    for (size_t gram = grams->count; gram < grams->count + found; gram++)
        grams->firsts[gram] = grams->lasts[gram] = (uint32_t)piece;
}

static int find_characters(Grams *grams, const GramRange *range, const Pieces *text, int owners) {
    size_t lengths = range->largest - range->smallest + 1;
    int usual = range->smallest == 2 && range->largest == 5;
    for (size_t piece = 0; piece < text->pieces; piece++) {
        size_t begin = text->begins[piece] - 1, end = text->begins[piece + 1]; /* with the spaces around it */
        size_t characters = characters_of(text->bytes, begin, end);
        if (make_room(grams, lengths * characters))
            return -1;
        if (characters == end - begin) {
            if (usual) {
                size_t found = add_two_to_five(grams->columns + grams->count, text->bytes + begin, characters, range->size);
                if (owners)
                    own(grams, found, piece);
                grams->count += found;
            } else
                add_ascii(grams, text->bytes + begin, characters, range, piece, owners);
            continue;
        }
        for (uint32_t length = range->smallest; length <= range->largest; length++) {
            add_of_length(grams, text->bytes, begin, end, length, range->size, piece, owners);
            if (characters <= length)
                break;
        }
    }
    return 0;
}

static inline uint32_t decoded(const uint8_t *bytes, size_t place) {
    const uint8_t *at = bytes + place;
    if (at[0] < 0x80)
        return at[0];
    if (at[0] < 0xe0)
        return (uint32_t)(at[0] & 0x1f) << 6 | (at[1] & 0x3f);
    if (at[0] < 0xf0)
        return (uint32_t)(at[0] & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
    return (uint32_t)(at[0] & 0x07) << 18 | (uint32_t)(at[1] & 0x3f) << 12 | (uint32_t)(at[2] & 0x3f) << 6 | (at[3] & 0x3f);
}

/* A piece may hold several, or none. */
int find_words(Grams *grams, const Pieces *text) {
    const uint8_t *bytes = text->bytes;
    grams->words = 0;
    for (size_t piece = 0; piece < text->pieces; piece++) {
        size_t place = text->begins[piece], end = text->begins[piece + 1] - 1;
        while (place < end) {
            while (place < end && !is_word_character(decoded(bytes, place)))
                place = after(bytes, place);
            size_t begin = place;
            while (place < end && is_word_character(decoded(bytes, place)))
                place = after(bytes, place);
            if (place == begin)
                break;
            if (grams->words == grams->words_room) {
                size_t room = 2 * grams->words_room + 256;
                if (grown(&grams->word_begins, room) || grown(&grams->word_ends, room) || grown(&grams->word_pieces, room))
                    return -1;
                grams->words_room = room;
            }
            grams->word_begins[grams->words] = (uint32_t)begin;
            grams->word_ends[grams->words] = (uint32_t)place;
            grams->word_pieces[grams->words++] = (uint32_t)piece;
        }
    }
    return 0;
}

/* The bytes of so many words, joined by single spaces; in place where they stand so in the text. NULL: no memory. */
static const uint8_t *joined(Grams *grams, const uint8_t *bytes, size_t first, size_t count, size_t *length) {
    const uint32_t *begins = grams->word_begins + first, *ends = grams->word_ends + first;
    size_t needed = count - 1, apart = 0;
    for (size_t word = 0; word < count; word++) {
        needed += ends[word] - begins[word];
        apart |= word > 0 && (begins[word] != ends[word - 1] + 1 || bytes[ends[word - 1]] != ' ');
    }
    *length = needed;
    if (!apart)
        return bytes + begins[0];
    if (needed > grams->joined_room) {
        uint8_t *larger = realloc(grams->joined, 2 * needed);
        if (larger == NULL)
            return NULL;
        grams->joined = larger;
        grams->joined_room = 2 * needed;
    }
    uint8_t *at = grams->joined;
    for (size_t word = 0; word < count; word++) {
        if (word > 0)
            *at++ = ' ';
        memcpy(at, bytes + begins[word], ends[word] - begins[word]);
        at += ends[word] - begins[word];
    }
    return grams->joined;
}

static int find_runs_of_words(Grams *grams, const GramRange *range, const Pieces *text, int owners) {
    if (find_words(grams, text) || make_room(grams, grams->words * (range->largest - range->smallest + 1)))
        return -1;
    for (uint32_t count = range->smallest; count <= range->largest && count <= grams->words; count++)
        for (size_t first = 0; first + count <= grams->words; first++) {
            size_t length;
            const uint8_t *gram = joined(grams, text->bytes, first, count, &length);
            if (gram == NULL)
                return -1;
            add(grams, column_of(murmur3(gram, length), range->size), grams->word_pieces[first],
                grams->word_pieces[first + count - 1], owners);
        }
    return 0;
}

int find_grams(Grams *grams, const GramRange *range, const Pieces *text, int owners) {
    grams->count = 0;
    return range->analyzer == WORDS ? find_runs_of_words(grams, range, text, owners)
                                    : find_characters(grams, range, text, owners);
}
