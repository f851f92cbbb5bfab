/* The canonical form of a token; what it is stands in models/folding/characters.py. */
#include "fold_inside.h"

#define ROUNDS 4

static int is_ascii(const FoldLetters *letters) {
    uint32_t all = 0;
    for (size_t place = 0; place < letters->length; place++) all |= letters->at[place];
    return all < 128;
}

/* Tell whether letters are canonical, where that is seen at a glance: none changes, alone or beside the others. */
int is_canonical(const uint32_t *token, size_t length) {
    uint32_t all = INERT, any = 0, classes = 0;
    for (size_t place = 0; place < length; place++) {
        uint32_t flags = flags_of(token[place]);
        all &= flags;
        any |= flags;
        classes |= class_of(token[place]);
    }
    return all && !((any & LOOK_ALIKE) && (classes & ASCII_LATIN));
}

static void drop_unseen(FoldLetters *letters) {
    size_t count = 0;
    for (size_t place = 0; place < letters->length; place++) {
        letters->at[count] = letters->at[place];
        count += !(flags_of(letters->at[place]) & UNSEEN);
    }
    letters->length = count;
}

/* Put what a mapping has for the letters that have a bit of it. */
#define MAPPED(name, bit)                                                                             \
    static int map_##name(FoldLetters *letters, FoldLetters *work) {                                  \
        size_t length = letters->length, count = 0;                                                   \
        uint32_t any = 0;                                                                             \
        for (size_t place = 0; place < length; place++) any |= flags_of(letters->at[place]);          \
        if (!(any & (bit))) return 0;                                                                 \
        for (size_t place = 0; place < length; place++) {                                             \
            if (letters_reserve(work, count + LONGEST_MAPPING + (length - place))) return -1;         \
            uint32_t point = letters->at[place];                                                      \
            if (!(flags_of(point) & (bit))) {                                                         \
                work->at[count++] = point;                                                            \
                continue;                                                                             \
            }                                                                                         \
            const uint32_t *mapping = fold_pool + STAGED(fold_##name, point);                         \
            for (uint32_t each = 0; each < mapping[0]; each++) work->at[count++] = mapping[1 + each]; \
        }                                                                                             \
        work->length = count;                                                                         \
        return letters_set(letters, work->at, count);                                                 \
    }

MAPPED(folded, FOLDS)
MAPPED(lowered, LOWERS)
MAPPED(base, BASE)

/* Put the small sigma for the capital ones, as it stands at the end of a word and elsewhere (Final_Sigma). */
static void lower_sigmas(FoldLetters *letters) {
    int after_cased = 0;
    for (size_t place = 0; place < letters->length; place++) {
        uint32_t flags = flags_of(letters->at[place]);
        if (letters->at[place] == 0x3a3) {
            size_t next = place + 1;
            while (next < letters->length && (flags_of(letters->at[next]) & IGNORABLE)) next++;
            int before_cased = next < letters->length && (flags_of(letters->at[next]) & CASED);
            letters->at[place] = after_cased && !before_cased ? 0x3c2 : 0x3c3;
        }
        if (!(flags & IGNORABLE)) after_cased = (flags & CASED) != 0;
    }
}

/* Put Latin letters for those that look like them, in words that hold Latin letters as well. */
static int put_in_latin(FoldLetters *letters, FoldLetters *work) {
    size_t length = letters->length, count = 0, end;
    uint32_t any = 0, classes = 0;
    for (size_t place = 0; place < length; place++) {
        any |= flags_of(letters->at[place]);
        classes |= class_of(letters->at[place]);
    }
    if (!(any & LOOK_ALIKE) || !(classes & ASCII_LATIN)) return 0;
    for (size_t place = 0; place < length; place = end) {
        int in_word = is_word(letters->at[place]);
        classes = 0;
        for (end = place; end < length && is_word(letters->at[end]) == in_word; end++)
            classes |= class_of(letters->at[end]);
        int changes = in_word && (classes & ASCII_LATIN);
        for (; place < end; place++) {
            if (letters_reserve(work, count + LONGEST_MAPPING + (length - place))) return -1;
            uint32_t point = letters->at[place];
            if (!changes || !(flags_of(point) & LOOK_ALIKE)) {
                work->at[count++] = point;
                continue;
            }
            const uint32_t *mapping = fold_pool + STAGED(fold_latin, point);
            for (uint32_t each = 0; each < mapping[0]; each++) work->at[count++] = mapping[1 + each];
        }
    }
    work->length = count;
    return letters_set(letters, work->at, count);
}

static int strip_accents(FoldLetters *letters, FoldLetters *work) {
    if (decompose(letters, work)) return -1;
    size_t count = 0;
    for (size_t place = 0; place < letters->length; place++) {
        letters->at[count] = letters->at[place];
        count += letters->at[place] < 0x300 || letters->at[place] > 0x36f;
    }
    letters->length = count;
    return map_base(letters, work);
}

/* One round of what makes a token canonical. */
static int changed_once(FoldLetters *letters, FoldLetters *work) {
    int ascii = is_ascii(letters);
    drop_unseen(letters);
    if (resolve_references(letters, work)) return -1;
    if (ascii) {
        lower_sigmas(letters);
        return map_lowered(letters, work);
    }
    if (compose_compatibly(letters, work) || put_in_latin(letters, work)) return -1;
    if (map_folded(letters, work) || compose_compatibly(letters, work)) return -1;
    if (is_ascii(letters)) return 0;
    if (strip_accents(letters, work) || compose_compatibly(letters, work)) return -1;
    return put_in_latin(letters, work);
}

/* What is left of a token that did not come to rest. */
static void keep_plain(FoldLetters *letters) {
    size_t count = 0;
    for (size_t place = 0; place < letters->length; place++) {
        uint32_t letter = letters->at[place];
        if (letter < 0x20 || letter > 0x7e || letter == '&') continue;
        letters->at[count++] = letter - 'A' < 26 ? letter + 0x20 : letter;
    }
    letters->length = count;
}

/* Lower an ASCII token without references in place of all rounds; 0 where it is another one. */
static int lowered_plainly(FoldLetters *letters) {
    uint32_t all = 0;
    int begins = 0, ends = 0;
    for (size_t place = 0; place < letters->length; place++) {
        all |= letters->at[place];
        begins |= letters->at[place] == '&';
        ends |= letters->at[place] == ';';
    }
    if (all >= 128 || (begins && ends)) return 0;
    drop_unseen(letters);
    for (size_t place = 0; place < letters->length; place++)
        if (letters->at[place] - 'A' < 26) letters->at[place] += 0x20;
    return 1;
}

int canonical_form(Folded *folded, const uint32_t *token, size_t length, FoldLetters *found) {
    if (letters_set(found, token, length)) return -1;
    if (lowered_plainly(found)) return 0;
    if (is_canonical(found->at, found->length)) return 0;
    for (int round = 1; round <= ROUNDS; round++) {
        FoldLetters *before = &folded->before;
        if (letters_set(before, found->at, found->length)) return -1;
        if (changed_once(found, &folded->work)) return -1;
        if (before->length == found->length &&
            (found->length == 0 || memcmp(before->at, found->at, found->length * sizeof(uint32_t)) == 0))
            return 0;
        if (round < ROUNDS && is_canonical(found->at, found->length)) return 0;
    }
    keep_plain(found);
    return 0;
}
