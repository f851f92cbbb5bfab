/* What becomes of one token: its parts, folded until nothing changes; as models/folding/token.py says it. */
#include "fold_inside.h"

#define ROUNDS 8
#define FLAG_LETTER 0x1f1e6

/* Append a word to a list, without its disguises. */
static int add_plain(FoldParts *parts, const uint32_t *text, size_t first, size_t last) {
    if (parts_add(parts, text + first, last - first, first, last)) return -1;
    FoldPart *part = &parts->at[parts->count - 1];
    size_t length = plain_word(parts->letters.at + part->begin, last - first);
    part->end = part->begin + length;
    parts->letters.length = part->end;
    return 0;
}

static int add_own_word(FoldParts *parts, const char *word, size_t first, size_t last) {
    uint32_t letters[16];
    size_t length = 0;
    for (; word[length]; length++) letters[length] = (uint32_t)(unsigned char)word[length];
    if (parts_add(parts, letters, length, first, last)) return -1;
    parts->at[parts->count - 1].settled = 1;
    return 0;
}

/* Append flags, or the word that is spelled with the letters that flags are made of. */
static int add_flags(FoldParts *parts, const uint32_t *text, size_t first, size_t last) {
    int all = (last - first) % 2 == 0;
    for (size_t place = first; all && place < last; place += 2) all = emoji_name(text + place, 2) != NULL;
    if (all) {
        for (size_t place = first; place < last; place += 2) {
            if (parts_add(parts, text + place, 2, place, place + 2)) return -1;
            parts->at[parts->count - 1].settled = is_canonical(text + place, 2);
        }
        return 0;
    }
    if (parts_add(parts, text + first, last - first, first, last)) return -1;
    FoldPart *part = &parts->at[parts->count - 1];
    for (size_t place = part->begin; place < part->end; place++) parts->letters.at[place] -= FLAG_LETTER - 'a';
    return 0;
}

static int add_special(FoldParts *parts, const uint32_t *text, Special special) {
    switch (special.kind) {
    case FLAGS: return add_flags(parts, text, special.start, special.end);
    case ONE_EMOJI:
        if (parts_add(parts, text + special.start, 1, special.start, special.end)) return -1;
        /* It is found again, and nothing else, if it is canonical. */
        parts->at[parts->count - 1].settled = (flags_of(text[special.start]) & INERT) != 0;
        return 0;
    case GAP: return 0;
    default: return add_own_word(parts, word_of_kind(special.kind), special.start, special.end);
    }
}

/* Split a token in canonical form, and append its parts to a list. */
static int split(FoldParts *parts, const uint32_t *text, size_t length) {
    if (is_own_word(text, length)) {
        if (parts_add(parts, text, length, 0, length)) return -1;
        parts->at[parts->count - 1].settled = 1;
        return 0;
    }
    size_t done = 0, count = parts->count;
    for (Special special = special_from(text, length, 0); special.kind != NOTHING;
         special = special_from(text, length, done)) {
        if (special.start > done && add_plain(parts, text, done, special.start)) return -1;
        if (add_special(parts, text, special)) return -1;
        done = special.end;
    }
    if (done == length) return 0;
    if (add_plain(parts, text, done, length)) return -1;
    if (done == 0 && parts->count == count + 1) {
        /* Nothing special in it, and nothing in disguise: so it is the next time. */
        FoldPart *part = &parts->at[count];
        const uint32_t *plain = parts->letters.at + part->begin;
        part->settled = part->end - part->begin == length && memcmp(plain, text, length * sizeof(uint32_t)) == 0;
    }
    return 0;
}

/* Fold a piece once, and append what it becomes; settled is what becomes itself. */
static int step(Folded *folded, const uint32_t *text, size_t length, FoldParts *parts) {
    size_t count = parts->count;
    FoldLetters *canonical = &folded->canonical;
    if (canonical_form(folded, text, length, canonical)) return -1;
    if (split(parts, canonical->at, canonical->length)) return -1;
    for (size_t place = count; place < parts->count; place++) {
        FoldPart *part = &parts->at[place];
        if (parts->count == count + 1 && part->end - part->begin == length &&
            memcmp(parts->letters.at + part->begin, text, length * sizeof(uint32_t)) == 0)
            part->settled = 1;
    }
    return 0;
}

static int are_same(const FoldParts *some, const FoldParts *others) {
    if (some->count != others->count || some->letters.length != others->letters.length) return 0;
    for (size_t place = 0; place < some->count; place++)
        if (some->at[place].begin != others->at[place].begin) return 0;
    return some->letters.length == 0 ||
           memcmp(some->letters.at, others->letters.at, some->letters.length * sizeof(uint32_t)) == 0;
}

/* Append the parts of a list to the token's, as what the letters [first, last) became. */
static int add_settled(Folded *folded, const FoldParts *settled, size_t first, size_t last) {
    for (size_t place = 0; place < settled->count; place++) {
        const FoldPart *part = &settled->at[place];
        if (parts_add(&folded->parts, settled->letters.at + part->begin, part->end - part->begin, first, last))
            return -1;
    }
    return 0;
}

/* Tell whether letters fold to themselves; -1 without memory. The list is as it was afterwards. */
static int rests(Folded *folded, const uint32_t *text, size_t length, FoldParts *parts) {
    size_t count = parts->count, letters = parts->letters.length;
    if (step(folded, text, length, parts)) return -1;
    int same = parts->count == count + 1 && parts->letters.length - letters == length &&
               memcmp(parts->letters.at + letters, text, length * sizeof(uint32_t)) == 0;
    parts->count = count;
    parts->letters.length = letters;
    return same;
}

/* Reduce what does not come to rest to its letters, and drop what does not even then. */
static int add_reduced(Folded *folded, FoldParts *pieces, FoldParts *spare, size_t first, size_t last) {
    for (size_t place = 0; place < pieces->count; place++) {
        const FoldPart piece = pieces->at[place];
        uint32_t *letters = pieces->letters.at + piece.begin;
        size_t length = piece.end - piece.begin, count = 0;
        parts_clear(spare);
        int same = rests(folded, letters, length, spare);
        if (same < 0) return -1;
        if (!same) {
            for (size_t each = 0; each < length; each++)
                if (letters[each] - 'a' < 26) letters[count++] = letters[each];
            length = count;
        }
        if (step(folded, letters, length, spare)) return -1;
        for (size_t each = 0, found = spare->count; each < found; each++) {
            /* A copy, since the list may move while more is appended to it. */
            const FoldLetters *part = &folded->reduced;
            if (letters_set(&folded->reduced, spare->letters.at + spare->at[each].begin,
                            spare->at[each].end - spare->at[each].begin))
                return -1;
            same = rests(folded, part->at, part->length, spare);
            if (same < 0 || (same && parts_add(&folded->parts, part->at, part->length, first, last))) return -1;
        }
    }
    return 0;
}

/* Fold a part until nothing changes, and append what it becomes to the parts of the token. */
static int settle(Folded *folded, const uint32_t *text, size_t length, size_t first, size_t last) {
    FoldParts *pieces = &folded->settling, *next = &folded->settled;
    parts_clear(pieces);
    if (parts_add(pieces, text, length, first, last)) return -1;
    for (int round = 0; round < ROUNDS; round++) {
        parts_clear(next);
        for (size_t place = 0; place < pieces->count; place++) {
            const FoldPart *part = &pieces->at[place];
            const uint32_t *piece = pieces->letters.at + part->begin;
            size_t size = part->end - part->begin;
            if (!part->settled) {
                if (step(folded, piece, size, next)) return -1;
                continue;
            }
            if (parts_add(next, piece, size, 0, size)) return -1;
            next->at[next->count - 1].settled = 1;
        }
        if (are_same(pieces, next)) return add_settled(folded, pieces, first, last);
        FoldParts *swapped = pieces;
        pieces = next;
        next = swapped;
    }
    return add_reduced(folded, pieces, next, first, last);
}

/* Give where in a token the letters of its canonical form begin and end; -1 without memory. */
static int canonical_places(Folded *folded, const uint32_t *token, size_t length, uint32_t **starts, uint32_t **ends) {
    size_t found = folded->found.length, count = 0, needed = 2 * found;
    if (needed > folded->places_room &&
        grown((void **)&folded->places, &folded->places_room, needed, sizeof(uint32_t)))
        return -1;
    *starts = folded->places;
    *ends = folded->places + found;
    for (size_t place = 0; place < length; place++) {
        size_t letters = 1;
        if (token[place] >= 128 && !is_canonical(token + place, 1)) {
            if (canonical_form(folded, token + place, 1, &folded->canonical)) return -1;
            letters = folded->canonical.length;
        }
        for (; letters && count < found; letters--) (*starts)[count++] = (uint32_t)place;
        count += letters;
    }
    if (count != found) {
        for (size_t place = 0; place < found; place++) (*starts)[place] = 0, (*ends)[place] = (uint32_t)length;
        return 0;
    }
    uint32_t end = (uint32_t)length, following = end;
    for (size_t place = found; place--;) {
        if (following > (*starts)[place]) end = following;
        (*ends)[place] = end;
        following = (*starts)[place];
    }
    return 0;
}

void places_apart(uint32_t *from, uint32_t *to, size_t count) {
    for (size_t place = 0, next; place < count; place = next) {
        uint32_t start = from[place], end = to[place];
        for (next = place + 1; next < count && from[next] < end; next++)
            if (to[next] > end) end = to[next];
        for (size_t each = place; each < next; each++) from[each] = start, to[each] = end;
    }
}

/* Give the parts of a token their places in it, in place of those in its canonical form. */
static int put_places(Folded *folded, const uint32_t *token, size_t length) {
    FoldParts *parts = &folded->parts;
    if (parts->count == 1 && parts->at[0].first == 0 && parts->at[0].last == folded->found.length) {
        parts->at[0].last = length;
        return 0;
    }
    uint32_t *starts, *ends;
    if (canonical_places(folded, token, length, &starts, &ends)) return -1;
    for (size_t place = 0; place < parts->count; place++) {
        FoldPart *part = &parts->at[place];
        part->first = starts[part->first];
        part->last = ends[part->last - 1];
    }
    return 0;
}

/* Fold what stands between two white spaces to folded->parts; its first and last are places in the token then. */
int fold_token(Folded *folded, const uint32_t *token, size_t length) {
    FoldLetters *found = &folded->found;
    FoldParts *parts = &folded->split;
    parts_clear(parts);
    parts_clear(&folded->parts);
    if (canonical_form(folded, token, length, found)) return -1;
    if (split(parts, found->at, found->length)) return -1;
    for (size_t place = 0; place < parts->count; place++) {
        const FoldPart *part = &parts->at[place];
        const uint32_t *text = parts->letters.at + part->begin;
        size_t size = part->end - part->begin;
        if (part->settled ? parts_add(&folded->parts, text, size, part->first, part->last)
                          : settle(folded, text, size, part->first, part->last))
            return -1;
    }
    return folded->with_places ? put_places(folded, token, length) : 0;
}
