/* HTML's character references, resolved as Python's html.unescape resolves them. */
#include "fold_inside.h"

#define LONGEST_NAME 10

static const uint16_t WINDOWS_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d,
    0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a,
    0x153,  0x9d,   0x17e,  0x178};

static inline int is_latin(uint32_t point) { return (class_of(point) & ASCII_LATIN) != 0; }
static inline int is_decimal(uint32_t point) { return (flags_of(point) & DECIMAL) != 0; }
static inline int is_hexadecimal(uint32_t point) {
    return is_decimal(point) || (point | 0x20) - 'a' < 6;
}

/* So many letters are one more reference to "&", as stands behind another such one. */
static size_t ampersand(const uint32_t *text, size_t left) {
    if (left >= 4 && (text[0] | 0x20) == 'a') {
        uint32_t small = text[0] & 0x20;
        return text[0] < 128 && text[1] == ('M' | small) && text[2] == ('P' | small) && text[3] == ';' ? 4 : 0;
    }
    if (left < 4 || text[0] != '#') return 0;
    size_t place = 1, zeros = 0;
    int in_hexadecimals = text[1] == 'x' || text[1] == 'X';
    place += (size_t)in_hexadecimals;
    while (place < left && zeros < 6 && text[place] == '0') place++, zeros++;
    const char *digits = in_hexadecimals ? "26;" : "38;";
    for (size_t each = 0; each < 3; each++, place++)
        if (place >= left || text[place] != (uint32_t)digits[each]) return 0;
    return place;
}

/* Put "&" for references to it that may hide others. */
static void resolve_nested(FoldLetters *letters) {
    size_t count = 0, length = letters->length;
    for (size_t place = 0; place < length;) {
        uint32_t letter = letters->at[place++];
        letters->at[count++] = letter;
        if (letter != '&') continue;
        for (size_t taken; (taken = ampersand(letters->at + place, length - place)) != 0;) place += taken;
    }
    letters->length = count;
}

/* The letters of a reference from its "&" to its ";", if one begins here. */
static size_t reference(const uint32_t *text, size_t left) {
    size_t place = 1;
    if (left < 4) return 0;
    if (text[1] != '#') {
        while (place < left && place <= 8 && is_latin(text[place])) place++;
        if (place < 3) return 0;
        if (place < left && is_decimal(text[place])) place++;
    } else if (text[2] == 'x' || text[2] == 'X') {
        for (place = 3; place < left && place < 9 && is_hexadecimal(text[place]);) place++;
        if (place == 3) return 0;
    } else {
        for (place = 2; place < left && place < 9 && is_decimal(text[place]);) place++;
        if (place == 2) return 0;
    }
    return place < left && text[place] == ';' ? place + 1 : 0;
}

/* Write the character of a number; how many letters that is. */
static size_t numbered(uint32_t number, uint32_t *to) {
    *to = number;
    if (number == 0 || number > 0x10ffff || (number >= 0xd800 && number < 0xe000)) {
        *to = 0xfffd;
        return 1;
    }
    if (number == 0x0d) return 1;
    if (number >= 0x80 && number < 0xa0) {
        *to = WINDOWS_1252[number - 0x80];
        return 1;
    }
    int invalid = number < 9 || number == 0x0b || (number >= 0x0e && number < 0x20) || number == 0x7f ||
                  (number >= 0xfdd0 && number <= 0xfdef) || (number & 0xfffe) == 0xfffe;
    return invalid ? 0 : 1;
}

/* Resolve a reference by number. Digits that are not ASCII end it, as they do in HTML, and stay. */
static size_t resolve_number(const uint32_t *text, size_t length, uint32_t *to) {
    int in_hexadecimals = text[2] == 'x' || text[2] == 'X';
    size_t start = in_hexadecimals ? 3 : 2, place = start;
    uint32_t number = 0;
    for (; place < length - 1; place++) {
        uint32_t digit = text[place] - '0';
        if (in_hexadecimals && (text[place] | 0x20) - 'a' < 6) digit = (text[place] | 0x20) - 'a' + 10;
        else if (digit > 9) break;
        number = number * (in_hexadecimals ? 16 : 10) + digit;
    }
    size_t count = 0;
    if (place > start) count = numbered(number, to);
    else place = 0;
    if (place == length - 1) return count;
    memcpy(to + count, text + place, (length - place) * sizeof(uint32_t));
    return count + length - place;
}

/* The entry of a name, or NULL. */
static const uint8_t *named(const uint8_t *name, size_t length) {
    uint32_t place = 0;
    for (size_t each = 0; each < length; each++) place = (place * 31 + name[each]) % REFERENCES;
    for (; fold_references[place]; place = (place + 1) % REFERENCES) {
        const uint8_t *entry = fold_reference_pool + fold_references[place];
        if (entry[0] == length && memcmp(entry + 1, name, length) == 0) return entry + 1 + length;
    }
    return NULL;
}

/* Resolve a reference by name, or by the longest name that it begins with. */
static size_t resolve_name(const uint32_t *text, size_t length, uint32_t *to) {
    uint8_t name[LONGEST_NAME];
    size_t ascii = 0;
    while (ascii < length - 1 && ascii < LONGEST_NAME && text[1 + ascii] < 128) {
        name[ascii] = (uint8_t)text[1 + ascii];
        ascii++;
    }
    for (size_t taken = ascii; taken > 1; taken--) {
        const uint8_t *entry = named(name, taken);
        if (entry == NULL) continue;
        size_t count = 0;
        for (; count < entry[0]; count++)
            to[count] = entry[1 + 3 * count] | (uint32_t)entry[2 + 3 * count] << 8 | (uint32_t)entry[3 + 3 * count] << 16;
        memcpy(to + count, text + 1 + taken, (length - 1 - taken) * sizeof(uint32_t));
        return count + length - 1 - taken;
    }
    memcpy(to, text, length * sizeof(uint32_t));
    return length;
}

int resolve_references(FoldLetters *letters, FoldLetters *work) {
    int ends = 0, begins = 0;
    for (size_t place = 0; place < letters->length; place++) {
        begins |= letters->at[place] == '&';
        ends |= letters->at[place] == ';';
    }
    if (!begins || !ends) return 0;
    resolve_nested(letters);
    /* A reference becomes no more letters than it has. */
    size_t length = letters->length, count = 0;
    if (letters_reserve(work, length + LONGEST_NAME)) return -1;
    for (size_t place = 0; place < length;) {
        const uint32_t *from = letters->at + place;
        size_t taken = *from == '&' ? reference(from, length - place) : 0;
        if (!taken) {
            work->at[count++] = *from;
            place++;
            continue;
        }
        count += from[1] == '#' ? resolve_number(from, taken, work->at + count)
                                : resolve_name(from, taken, work->at + count);
        place += taken;
    }
    work->length = count;
    return letters_set(letters, work->at, count);
}
