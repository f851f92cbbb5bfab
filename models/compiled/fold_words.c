/* What a word becomes when the disguises of its letters are taken off; as models/folding/words.py says it. */
#include "fold_inside.h"

static inline int is_small(uint32_t point) { return point - 'a' < 26; }

/* Separators between single letters. */
static inline int is_separator(uint32_t point) {
    return (class_of(point) & ASCII_SEPARATOR) || point == 0xb7 || point == 0x2022;
}

/* A character of words, but for the underscore. */
static inline int is_alphanumeric(uint32_t point) { return is_word(point) && point != '_'; }

static inline int is_letter(uint32_t point) {
    return (flags_of(point) & (WORD | DECIMAL)) == WORD && point != '_';
}

static uint32_t letter_of(uint32_t sign) {
    switch (sign) {
    case '0': return 'o';
    case '1': case '!': return 'i';
    case '3': return 'e';
    case '4': case '@': return 'a';
    case '5': case '$': return 's';
    case '7': return 't';
    case '|': return 'l';
    default: return sign;
    }
}

static inline int is_digit_in_disguise(uint32_t point) {
    return point == '0' || point == '1' || point == '3' || point == '4' || point == '5' || point == '7';
}

static inline int is_money_or_at(uint32_t point) { return point == '@' || point == '$'; }

/* Three or more of a letter become two. */
static size_t shorten(uint32_t *word, size_t length) {
    size_t count = 0, same = 0;
    for (size_t place = 0; place < length; place++) {
        same = place && word[place] == word[place - 1] ? same + 1 : 0;
        /* What is overwritten before was read already, and the letter before this one is the last of a run or kept. */
        if (same < 2 || !is_letter(word[place])) word[count++] = word[place];
    }
    return count;
}

/* Join single letters that separators stand between, if the word is nothing but these. */
static size_t join_separated(uint32_t *word, size_t length) {
    size_t start = 0, place, groups = 0, letters = 0, alphanumeric = 0;
    while (start < length && !is_word(word[start])) start++;
    if (start == length || word[start] == '_') return length;
    for (place = start + 1; place < length;) {
        size_t next = place;
        while (next < length && next - place < 3 && is_separator(word[next])) next++;
        if (next == place || next == length || !is_alphanumeric(word[next])) break;
        place = next + 1;
        groups++;
    }
    if (groups < 2) return length;
    for (size_t each = place; each < length; each++)
        if (flags_of(word[each]) & (WORD | SPACE)) return length;
    for (size_t each = start; each < place; each++) {
        alphanumeric += (size_t)is_alphanumeric(word[each]);
        letters += (size_t)is_letter(word[each]);
    }
    if (letters * 2 <= alphanumeric) return length;
    size_t count = start;
    for (size_t each = start; each < place; each++)
        if (is_alphanumeric(word[each])) word[count++] = word[each];
    while (place < length) word[count++] = word[place++];
    return count;
}

static inline int smalls_at(const uint32_t *word, size_t length, size_t place, size_t count) {
    if (place + count > length) return 0;
    for (size_t each = 0; each < count; each++)
        if (!is_small(word[place + each])) return 0;
    return 1;
}

static inline int smalls_before(const uint32_t *word, size_t place, size_t count) {
    return place >= count && smalls_at(word, place, place - count, count);
}

/* Signs among letters become letters; whether any did. The letters around are those of the word as it came. */
static int reveal_inside(uint32_t *word, size_t length) {
    int any = 0;
    for (size_t place = 1; place + 1 < length; place++) {
        if (!is_small(word[place - 1])) continue;
        if (word[place] == '!') {
            if (is_small(word[place + 1]) &&
                !(smalls_before(word, place, 3) && smalls_at(word, length, place + 1, 3))) {
                /* Nothing after it may see a letter here, which the expression does not: leave a mark. */
                word[place] = '!' | 0x80000000u;
                any = 1;
            }
            continue;
        }
        size_t end = place;
        while (end < length && end - place < 4 && (class_of(word[end]) & ASCII_DISGUISE) && word[end] != '!') end++;
        if (end == place || end - place > 3 || end == length || !is_small(word[end])) continue;
        for (; place < end; place++) word[place] |= 0x80000000u;
        any = 1;
    }
    if (!any) return 0;
    for (size_t place = 0; place < length; place++)
        if (word[place] & 0x80000000u) word[place] = letter_of(word[place] & 0x7fffffffu);
    return 1;
}

/* What may not stand before a sign at the beginning, or after one at the end. */
static inline int bars_leading(uint32_t point) { return is_word(point) || (class_of(point) & ASCII_BEFORE_LEADING); }
static inline int bars_trailing(uint32_t point) { return is_word(point) || is_money_or_at(point); }

static int reveal_leading(uint32_t *word, size_t length) {
    int any = 0, barred = 0;
    for (size_t place = 0; place < length; place++) {
        uint32_t sign = word[place];
        int bars = bars_leading(sign);
        if (!barred && is_digit_in_disguise(sign) && smalls_at(word, length, place + 1, 3)) {
            word[place] = letter_of(sign);
            any = 1;
        } else if (!barred && is_money_or_at(sign)) {
            size_t count = place + 1 < length && is_money_or_at(word[place + 1]) ? 2 : 1;
            if (smalls_at(word, length, place + count, 2)) {
                for (size_t each = 0; each < count; each++) word[place + each] = letter_of(word[place + each]);
                any = 1;
            }
        }
        barred = bars;
    }
    return any;
}

/* Signs at the end of a word that was in disguise elsewhere. */
static void reveal_trailing(uint32_t *word, size_t length) {
    for (size_t place = 1; place < length; place++) {
        if (!is_small(word[place - 1])) continue;
        size_t end = place;
        while (end < length && end - place < 3 && (is_digit_in_disguise(word[end]) || is_money_or_at(word[end]))) end++;
        if (end == place || end - place > 2 || (end < length && bars_trailing(word[end]))) continue;
        for (; place < end; place++) word[place] = letter_of(word[place]);
    }
}

/* Signs at the end of a word that is in no other disguise. */
static void reveal_end(uint32_t *word, size_t length) {
    for (size_t place = 1; place < length; place++) {
        uint32_t sign = word[place];
        size_t count = 0;
        if (!is_small(word[place - 1])) continue;
        int twice = place + 1 < length && word[place + 1] == sign;
        if (smalls_before(word, place, 2)) {
            if (is_money_or_at(sign)) count = 1;
            else if ((sign == '3' || sign == '0') && twice) count = 2;
            if (count && place + count < length && bars_trailing(word[place + count])) count = 0;
        }
        if (!count && sign == '$' && twice && !(place + 2 < length && bars_trailing(word[place + 2]))) count = 2;
        for (size_t each = 0; each < count; each++) word[place + each] = letter_of(sign);
        place += count;
    }
}

size_t plain_word(uint32_t *word, size_t length) {
    int repeats = 0;
    uint32_t classes = 0;
    size_t separators = 0;
    for (size_t place = 0; place < length; place++) {
        repeats |= place > 1 && word[place] == word[place - 1] && word[place] == word[place - 2];
        classes |= class_of(word[place]);
        separators += (size_t)is_separator(word[place]);
    }
    if (repeats) length = shorten(word, length);
    if (separators > 1) length = join_separated(word, length);
    if (!(classes & ASCII_DISGUISE)) return length;
    int inside = reveal_inside(word, length);
    if (reveal_leading(word, length) || inside) reveal_trailing(word, length);
    else reveal_end(word, length);
    return length;
}
