/* The pieces of a text: letters that stand alone are joined, and emoji are followed by their names. */
#include "fold_inside.h"

#include <string.h>

/* So many single letters in a row are one word. */
#define JOINED 3

int pieces_reserve(FoldPieces *pieces, size_t bytes, size_t count, int with_places) {
    size_t length = pieces->length + bytes, needed = pieces->count + count + 1;
    if (length > UINT32_MAX) return -1;
    if (length > pieces->bytes_room && grown((void **)&pieces->bytes, &pieces->bytes_room, length, 1)) return -1;
    if (needed > pieces->begins_room &&
        grown((void **)&pieces->begins, &pieces->begins_room, needed, sizeof(uint32_t)))
        return -1;
    if (!with_places || needed <= pieces->spans_room) return 0;
    size_t room = pieces->spans_room;
    if (grown((void **)&pieces->from, &room, needed, sizeof(uint32_t))) return -1;
    return grown((void **)&pieces->to, &pieces->spans_room, needed, sizeof(uint32_t));
}

int pieces_add_bytes(FoldPieces *pieces, const uint8_t *text, size_t length, int with_places) {
    if (pieces_reserve(pieces, length + 1, 1, with_places)) return -1;
    pieces->begins[pieces->count++] = (uint32_t)pieces->length;
    memcpy(pieces->bytes + pieces->length, text, length);
    pieces->length += length;
    pieces->bytes[pieces->length++] = ' ';
    return 0;
}

/* Append the parts of a token, which stands at a place of the text. */
int pieces_add_parts(FoldPieces *pieces, const FoldParts *parts, size_t offset, int with_places) {
    if (pieces_reserve(pieces, 4 * parts->letters.length + parts->count, parts->count, with_places)) return -1;
    uint8_t *to = pieces->bytes + pieces->length;
    size_t first = pieces->count;
    for (size_t place = 0; place < parts->count; place++) {
        const FoldPart *part = &parts->at[place];
        if (with_places) {
            pieces->from[pieces->count] = (uint32_t)(part->first + offset);
            pieces->to[pieces->count] = (uint32_t)(part->last + offset);
        }
        pieces->begins[pieces->count++] = (uint32_t)(to - pieces->bytes);
        for (size_t each = part->begin; each < part->end; each++) to = encoded(parts->letters.at[each], to);
        *to++ = ' ';
    }
    pieces->length = (size_t)(to - pieces->bytes);
    if (with_places) places_apart(pieces->from + first, pieces->to + first, pieces->count - first);
    return 0;
}

int pieces_restart(FoldPieces *pieces) {
    pieces->length = pieces->count = 0;
    if (pieces_reserve(pieces, 1, 0, 0)) return -1;
    pieces->bytes[pieces->length++] = ' ';
    return 0;
}

static size_t end_of(const FoldPieces *pieces, size_t piece) {
    return (piece + 1 < pieces->count ? pieces->begins[piece + 1] : pieces->length) - 1;
}

/* Write the code points of a piece that has no more than two; how many it has, or 0 where they are more. */
static size_t short_piece(const FoldPieces *pieces, size_t piece, uint32_t *letters) {
    size_t place = pieces->begins[piece], end = end_of(pieces, piece), count = 0;
    if (end - place > 8) return 0;
    while (place < end && count < 2) letters[count++] = decoded(pieces->bytes, end, &place);
    return place == end ? count : 0;
}

static int copy_piece(const Folded *folded, FoldPieces *to, size_t piece) {
    const FoldPieces *from = &folded->now;
    size_t begin = from->begins[piece];
    if (pieces_add_bytes(to, from->bytes + begin, end_of(from, piece) - begin, folded->with_places)) return -1;
    if (folded->with_places) {
        to->from[to->count - 1] = from->from[piece];
        to->to[to->count - 1] = from->to[piece];
    }
    return 0;
}

static void swap(Folded *folded) {
    FoldPieces now = folded->now;
    folded->now = folded->next;
    folded->next = now;
}

/* Tell whether letters that stand alone may each be a word: then three of them are none. */
static int are_words(const uint32_t *letters, size_t length) {
    for (size_t place = 0; place < length; place++)
        if (letters[place] >= 128 || letters[place] == 0 || !strchr("aiournybcxk", (int)letters[place])) return 0;
    return 1;
}

/* Append a run of letters that stand alone, as the word that they spell. */
static int add_run(Folded *folded, size_t first, size_t last) {
    FoldLetters *letters = &folded->token;
    size_t count = last - first;
    if (count < JOINED || (count == JOINED && are_words(letters->at, count))) {
        for (; first < last; first++)
            if (copy_piece(folded, &folded->next, first)) return -1;
        return 0;
    }
    int with_places = folded->with_places;
    folded->with_places = 0;
    int failed = fold_token(folded, letters->at, count);
    folded->with_places = with_places;
    if (failed) return -1;
    if (with_places)
        for (size_t place = 0; place < folded->parts.count; place++) {
            folded->parts.at[place].first = folded->now.from[first];
            folded->parts.at[place].last = folded->now.to[last - 1];
        }
    return pieces_add_parts(&folded->next, &folded->parts, 0, with_places);
}

int join_letters(Folded *folded) {
    const FoldPieces *now = &folded->now;
    FoldLetters *run = &folded->token;
    uint32_t letters[2];
    run->length = 0;
    if (pieces_restart(&folded->next)) return -1;
    for (size_t piece = 0; piece < now->count; piece++) {
        if (short_piece(now, piece, letters) == 1 && (flags_of(letters[0]) & LOWER)) {
            if (letters_reserve(run, run->length + 1)) return -1;
            run->at[run->length++] = letters[0];
            continue;
        }
        if (run->length && add_run(folded, piece - run->length, piece)) return -1;
        run->length = 0;
        if (copy_piece(folded, &folded->next, piece)) return -1;
    }
    if (run->length && add_run(folded, now->count - run->length, now->count)) return -1;
    swap(folded);
    return 0;
}

/* Append the words of a name, each from where the emoji stands. */
static int add_name(Folded *folded, const char *name, size_t piece) {
    FoldPieces *to = &folded->next;
    while (*name) {
        size_t length = strcspn(name, " ");
        if (pieces_add_bytes(to, (const uint8_t *)name, length, folded->with_places)) return -1;
        if (folded->with_places) {
            to->from[to->count - 1] = folded->now.from[piece];
            to->to[to->count - 1] = folded->now.to[piece];
        }
        name += length + (name[length] == ' ');
    }
    return 0;
}

int name_emoji(Folded *folded) {
    const FoldPieces *now = &folded->now;
    uint32_t letters[2];
    if (pieces_restart(&folded->next)) return -1;
    for (size_t piece = 0; piece < now->count; piece++) {
        if (copy_piece(folded, &folded->next, piece)) return -1;
        const char *name = emoji_name(letters, short_piece(now, piece, letters));
        if (name == NULL) continue;
        size_t after = end_of(now, piece) + 1, length = strlen(name);
        int said = now->length - after > length && memcmp(now->bytes + after, name, length) == 0 &&
                   now->bytes[after + length] == ' ';
        if (!said && add_name(folded, name, piece)) return -1;
    }
    swap(folded);
    return 0;
}
