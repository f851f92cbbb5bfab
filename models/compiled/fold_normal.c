/* Unicode's normalisation forms NFKC and NFD (UAX #15), as Python's unicodedata gives them, in linear time. */
#include "fold_inside.h"

#define POINT 0x1fffffu
#define GONE 0x1fffffu
/* So many marks on one letter are put in order by insertion; more are counted. */
#define FEW_MARKS 24

enum { L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11a7, S_BASE = 0xac00, L_COUNT = 19, V_COUNT = 21, T_COUNT = 28 };

/* A code point with its combining class in the uppermost bits. */
static inline uint32_t classed(uint32_t point) { return point | (flags_of(point) & 0xff000000u); }

static uint32_t *add_hangul(uint32_t *to, uint32_t point) {
    uint32_t place = point - S_BASE;
    *to++ = L_BASE + place / (V_COUNT * T_COUNT);
    *to++ = V_BASE + place / T_COUNT % V_COUNT;
    if (place % T_COUNT) *to++ = T_BASE + place % T_COUNT;
    return to;
}

/* Put marks in the order of their classes; those of one class stay in theirs. */
static int order_marks(uint32_t *marks, size_t count, FoldLetters *spare) {
    if (count <= FEW_MARKS) {
        for (size_t place = 1; place < count; place++) {
            uint32_t mark = marks[place];
            size_t at = place;
            for (; at && marks[at - 1] >> 24 > mark >> 24; at--) marks[at] = marks[at - 1];
            marks[at] = mark;
        }
        return 0;
    }
    size_t starts[257] = {0};
    for (size_t place = 0; place < count; place++) starts[(marks[place] >> 24) + 1]++;
    for (size_t class = 1; class < 257; class++) starts[class] += starts[class - 1];
    if (letters_set(spare, marks, count)) return -1;
    for (size_t place = 0; place < count; place++) marks[starts[spare->at[place] >> 24]++] = spare->at[place];
    return 0;
}

/* Decompose letters to others, each with its combining class; the first ones are spare afterwards. */
static int decompose_to(FoldLetters *letters, FoldLetters *found, int compatibly) {
    uint32_t changing = compatibly ? DECOMPOSES_COMPATIBLY : DECOMPOSES;
    size_t length = letters->length, marks = 0, count = 0;
    for (size_t place = 0; place < length; place++) {
        if (found->room < count + LONGEST_MAPPING + 3 + (length - place) &&
            letters_reserve(found, count + LONGEST_MAPPING + 3 + (length - place)))
            return -1;
        uint32_t point = letters->at[place], flags = flags_of(point);
        uint32_t *to = found->at + count;
        if (!(flags & changing)) {
            *to = point | (flags & 0xff000000u);
            count++;
        } else if (point >= S_BASE && point < S_BASE + L_COUNT * V_COUNT * T_COUNT) {
            count = (size_t)(add_hangul(to, point) - found->at);
        } else {
            const uint32_t *mapping =
                fold_pool + (compatibly ? STAGED(fold_compatible, point) : STAGED(fold_decomposed, point));
            for (uint32_t each = 0; each < mapping[0]; each++) to[each] = classed(mapping[1 + each]);
            count += mapping[0];
        }
    }
    found->length = count;
    for (size_t place = 0; place < count; place = marks + 1) {
        for (marks = place; marks < count && found->at[marks] >> 24; marks++) {}
        if (marks - place > 1 && order_marks(found->at + place, marks - place, letters)) return -1;
    }
    return 0;
}

static uint32_t composed_of(uint32_t first, uint32_t second) {
    uint32_t place = (first * 0x9e3779b1u + second * 0x85ebca6bu) >> 21;
    for (; fold_composed[3 * place]; place = (place + 1) % COMPOSED)
        if (fold_composed[3 * place] == first && fold_composed[3 * place + 1] == second)
            return fold_composed[3 * place + 2];
    return 0;
}

/* Compose Hangul that begins at a place, if it does; how many letters it took. */
static size_t composed_hangul(const uint32_t *from, size_t left, uint32_t *to) {
    if (left < 2 || from[0] - L_BASE >= L_COUNT || from[1] - V_BASE >= V_COUNT) return 0;
    *to = S_BASE + ((from[0] - L_BASE) * V_COUNT + (from[1] - V_BASE)) * T_COUNT;
    if (left < 3 || from[2] - T_BASE - 1 >= T_COUNT - 1) return 2;
    *to += from[2] - T_BASE;
    return 3;
}

/* Compose a letter with the marks after it, which are gone from there then. */
static uint32_t composed_with_marks(uint32_t letter, uint32_t *marks, size_t left) {
    uint32_t last = 0;
    for (size_t place = 0; place < left; place++) {
        uint32_t mark = marks[place], class = mark >> 24;
        if (mark == GONE) continue;
        if (last) {
            if (!class) break;
            if (last >= class) continue;
        }
        uint32_t point = mark & POINT;
        uint32_t both = flags_of(point) & SECOND ? composed_of(letter, point) : 0;
        if (!both) {
            if (!class) break;
            last = class;
            continue;
        }
        letter = both;
        marks[place] = GONE;
        if (!(flags_of(letter) & FIRST)) break;
    }
    return letter;
}

static int compose_to(FoldLetters *from, FoldLetters *found) {
    size_t length = from->length, count = 0;
    if (letters_reserve(found, length)) return -1;
    for (size_t place = 0; place < length;) {
        uint32_t letter = from->at[place];
        if (letter == GONE) {
            place++;
            continue;
        }
        size_t taken = composed_hangul(from->at + place, length - place, found->at + count);
        if (taken) {
            place += taken;
            count++;
            continue;
        }
        place++;
        letter &= POINT;
        if (flags_of(letter) & FIRST) letter = composed_with_marks(letter, from->at + place, length - place);
        found->at[count++] = letter;
    }
    found->length = count;
    return 0;
}

/* Tell whether letters are in a form already, none of which has a bit of these. */
static int is_normal(const FoldLetters *letters, uint32_t changing) {
    uint32_t last = 0;
    for (size_t place = 0; place < letters->length; place++) {
        uint32_t flags = flags_of(letters->at[place]), class = COMBINING(flags);
        if ((flags & changing) || (class && class < last)) return 0;
        last = class;
    }
    return 1;
}

/* Tell whether letters are composed already, as far as that is seen without decomposing any. */
static int is_composed(const FoldLetters *letters) {
    uint32_t last = 0, starter = 0, starter_flags = 0;
    for (size_t place = 0; place < letters->length; place++) {
        uint32_t point = letters->at[place], flags = flags_of(point), class = COMBINING(flags);
        if ((flags & UNSTABLE) || (class && class < last)) return 0;
        if (flags & SECOND) {
            /* Hangul, or what may hide a mark that this one goes before, or composes with this one. */
            if (point - V_BASE < T_BASE + T_COUNT - V_BASE) return 0;
            if ((flags | starter_flags) & DECOMPOSES || composed_of(starter, point)) return 0;
        }
        last = class;
        if (class) continue;
        starter = point;
        starter_flags = flags;
    }
    return 1;
}

int compose_compatibly(FoldLetters *letters, FoldLetters *work) {
    if (is_composed(letters)) return 0;
    if (decompose_to(letters, work, 1)) return -1;
    return compose_to(work, letters);
}

int decompose(FoldLetters *letters, FoldLetters *work) {
    if (is_normal(letters, DECOMPOSES)) return 0;
    if (decompose_to(letters, work, 0) || letters_reserve(letters, work->length)) return -1;
    for (size_t place = 0; place < work->length; place++) letters->at[place] = work->at[place] & POINT;
    letters->length = work->length;
    return 0;
}
