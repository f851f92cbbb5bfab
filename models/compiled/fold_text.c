/* Folds a text: splits it at white space, and folds each token; most are words, which are folded at a glance. */
#include "fold_inside.h"

/* Kinds of bytes, to tell the words that only change their case. */
enum {
    LETTER = 1,
    STOP = 2,    /* as long as no letter follows */
    DIGIT = 4,   /* as long as they are few, and no letters about */
    SAFE = 8,    /* as long as it does not separate single letters */
    START = 16,  /* a letter that links begin with */
    OTHER = 32,
    WHITE = 64,
    HIGH = 128
};

#define ___ OTHER
static const uint8_t KINDS[256] = {
    ___, ___, ___, ___, ___, ___, ___, ___, ___, WHITE, WHITE, WHITE, WHITE, WHITE, ___, ___,                       /* 0 */
    ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, WHITE, WHITE, WHITE, WHITE,                         /* 1 */
    WHITE, STOP, SAFE, SAFE, ___, SAFE, ___, SAFE, SAFE, SAFE, SAFE, SAFE, SAFE, SAFE, STOP, ___,                   /*   */
    DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, SAFE, SAFE, ___, SAFE, SAFE, SAFE,        /* 0 */
    ___, 1, 1, 1, 1, 1, 1, 1, 17, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 17, 1, 17, 1, 1, 1, ___, SAFE, SAFE, SAFE, SAFE, /* @ */
    SAFE, 1, 1, 1, 1, 1, 1, 1, 17, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 17, 1, 17, 1, 1, 1, SAFE, ___, SAFE, SAFE, ___, /* ` */
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH,
};

#define FEW_DIGITS 4

/* Tell whether a word, small already, holds what a link may begin with. */
static int may_link(const uint8_t *word, size_t length) {
    for (size_t place = 0; place + 2 < length; place++) {
        if (place && (KINDS[word[place - 1]] & LETTER)) continue;
        const uint8_t *from = word + place;
        if (from[0] == 'u' && from[1] == 'r' && from[2] == 'l') return 1;
        if (place + 3 >= length) continue;
        if (from[0] == 'w' && from[1] == 'w' && from[2] == 'w' && from[3] == '.') return 1;
        if (from[0] == 'h' && from[1] == from[2] && (from[1] == 't' || from[1] == 'x') && from[3] == 'p') return 1;
    }
    return 0;
}

/* Write a word of ASCII in small letters; its length, or 0 where it is none, or one that more than its case is to be
 * looked at of. */
static size_t small_word(const uint8_t *text, size_t length, uint8_t *to) {
    unsigned seen = 0, last = 0, pairs = 0, stopped = 0, starts = 0, repeats = 0, last_same = 0, same;
    size_t place = 0;
    for (uint8_t before = 0; place < length; place++) {
        uint8_t letter = text[place];
        unsigned kind = KINDS[letter];
        if (kind & (WHITE | HIGH | OTHER)) {
            if (!(kind & WHITE)) return 0;
            break;
        }
        letter |= (uint8_t)((kind & LETTER) << 5);
        to[place] = letter;
        same = letter == before;
        repeats |= same & last_same & kind;
        pairs |= last & kind;
        stopped |= (last >> 1) & kind;
        starts |= (kind >> 4) & ~last;
        seen |= kind;
        last_same = same;
        last = kind;
        before = letter;
    }
    if ((repeats | stopped) & LETTER) return 0;
    if (seen & DIGIT) {
        size_t digits = 0;
        if (seen & LETTER) return 0;
        for (size_t each = 0; each < place; each++) digits += KINDS[to[each]] == DIGIT;
        return digits <= FEW_DIGITS ? place : 0;
    }
    if ((starts & 1) && may_link(to, place)) return 0;
    /* Three letters with separators between them, or more. */
    if ((seen & LETTER) && !(pairs & LETTER) && place >= 5) return 0;
    return place;
}

/* Note what the sequence of pieces has to be looked at for. */
static void note(Folded *folded, int alone) {
    folded->alone = alone ? folded->alone + 1 : 0;
    folded->to_join |= folded->alone >= 3;
}

static void note_parts(Folded *folded) {
    const FoldParts *parts = &folded->parts;
    for (size_t place = 0; place < parts->count; place++) {
        const FoldPart *part = &parts->at[place];
        const uint32_t *letters = parts->letters.at + part->begin;
        size_t length = part->end - part->begin;
        note(folded, length == 1 && (flags_of(letters[0]) & LOWER));
        folded->to_name |= length <= 2 && emoji_name(letters, length) != NULL;
    }
}

/* Fold the token at a place of the text, whatever it is; the place is behind it then, and so many points are. */
static int add_token(Folded *folded, const uint8_t *text, size_t length, size_t *place, size_t *points) {
    FoldLetters *token = &folded->token;
    size_t at = *place, count = 0;
    while (at < length) {
        size_t next = at;
        uint32_t point = decoded(text, length, &next);
        if (flags_of(point) & SPACE) break;
        if (letters_reserve(token, count + 1)) return -1;
        token->at[count++] = point;
        at = next;
    }
    token->length = count;
    if (fold_token(folded, token->at, count)) return -1;
    note_parts(folded);
    if (pieces_add_parts(&folded->now, &folded->parts, *points, folded->with_places)) return -1;
    *place = at;
    *points += count;
    return 0;
}

static int add_tokens(Folded *folded, const uint8_t *text, size_t length) {
    FoldPieces *pieces = &folded->now;
    size_t place = 0, points = 0;
    while (place < length) {
        if (text[place] < 128 && (KINDS[text[place]] & WHITE)) {
            place++;
            points++;
            continue;
        }
        if (text[place] >= 128) {
            size_t next = place;
            if (flags_of(decoded(text, length, &next)) & SPACE) {
                place = next;
                points++;
                continue;
            }
        }
        size_t begin = pieces->length, taken;
        if (pieces_reserve(pieces, length - place + 1, 1, folded->with_places)) return -1;
        taken = small_word(text + place, length - place, pieces->bytes + begin);
        if (!taken) {
            if (add_token(folded, text, length, &place, &points)) return -1;
            continue;
        }
        if (folded->with_places) {
            pieces->from[pieces->count] = (uint32_t)points;
            pieces->to[pieces->count] = (uint32_t)(points + taken);
        }
        pieces->begins[pieces->count++] = (uint32_t)begin;
        note(folded, taken == 1 && (KINDS[pieces->bytes[begin]] & LETTER));
        pieces->bytes[begin + taken] = ' ';
        pieces->length = begin + taken + 1;
        place += taken;
        points += taken;
    }
    return 0;
}

int fold_utf8(Folded *folded, const uint8_t *text, size_t length, int with_places) {
    FoldPieces *pieces = &folded->now;
    folded->with_places = with_places != 0;
    folded->to_join = folded->to_name = 0;
    folded->alone = 0;
    if (pieces_restart(pieces) || add_tokens(folded, text, length)) return -1;
    if (folded->to_join && join_letters(folded)) return -1;
    if ((folded->to_join || folded->to_name) && name_emoji(folded)) return -1;
    if (with_places && (folded->to_join || folded->to_name)) places_apart(pieces->from, pieces->to, pieces->count);
    if (pieces_reserve(pieces, 0, 0, 0)) return -1;
    pieces->begins[pieces->count] = (uint32_t)pieces->length;
    folded->bytes = pieces->bytes;
    folded->length = pieces->length;
    folded->pieces = pieces->count;
    folded->begins = pieces->begins;
    folded->from = with_places ? pieces->from : NULL;
    folded->to = with_places ? pieces->to : NULL;
    return 0;
}
