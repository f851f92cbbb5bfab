/* The language of texts; see the header. What is given is what models/language/ gives in Python. */
#include "identifying.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

/* Code points that are looked at, and the most that are read; bytes of a code point at the most. */
enum { LOOKED_AT = 1000, READ = 300, WIDEST = 4 };
/* From here on are the scripts that put no space between words. */
enum { UNSPACED = 0xE00 };
/* Below the highest, a logit whose odds change no sum of doubles by more than its rounding does. */
static const double NEGLIGIBLE = -45.0;

/* ------------------------------------------------------------------------------------------------- characters */

/* Read a code point; its size, or 0 where the bytes are no UTF-8. */
static inline size_t decode(const uint8_t *at, const uint8_t *end, uint32_t *point) {
    uint32_t first = at[0];
    if (first < 0x80) {
        *point = first;
        return 1;
    }
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || (size_t)(end - at) < size) return 0;
    uint32_t read = first & (0xFFu >> (size + 1));
    for (size_t index = 1; index < size; index++) {
        if ((at[index] & 0xC0) != 0x80) return 0;
        read = read << 6 | (at[index] & 0x3Fu);
    }
    if ((size == 3 && (read < 0x800 || (read >= 0xD800 && read < 0xE000))) ||
        (size == 4 && (read < 0x10000 || read >= CODE_POINTS)))
        return 0;
    *point = read;
    return size;
}

static inline int is_printable_ascii(uint32_t point) { return point > ' ' && point < 0x7F; }

/* ------------------------------------------------------------------------------------------------------- words */

typedef struct {
    const uint8_t *characters;
    uint8_t *words;
    size_t size;   /* bytes */
    size_t points; /* code points, of which no more are written than are read */
    unsigned seen; /* flags of what was written */
    int upper_beyond_ascii;
    int changes; /* under NFKC, or may do so */
} writer;

/* What a word is, from a first look at it. */
typedef struct {
    const uint8_t *begin, *end;
    unsigned any, all; /* flags */
    uint32_t highest;
} word;

static inline void put(writer *to, const uint8_t *at, size_t size, uint8_t flags) {
    if (to->points++ >= READ) return;
    to->seen |= flags;
    if (size > 1) {
        to->upper_beyond_ascii |= flags & CHARACTER_UPPER;
        to->changes |= !(flags & CHARACTER_PLAIN);
    }
    for (size_t index = 0; index < size; index++) to->words[to->size + index] = at[index];
    to->size += size;
}

static void put_all(writer *to, const word *of) {
    for (const uint8_t *at = of->begin; at < of->end;) {
        uint32_t point = 0;
        size_t size = decode(at, of->end, &point);
        put(to, at, size, to->characters[point]);
        at += size;
    }
}

/* Write the letters of a word and what joins them. A run of ASCII with a sign in it becomes a space. Whether it had a
 * letter. */
static int put_letters(writer *to, const word *of) {
    static const uint8_t space = ' ';
    int letters = 0;
    for (const uint8_t *at = of->begin; at < of->end;) {
        if (is_printable_ascii(*at)) {
            const uint8_t *run = at;
            unsigned any = 0;
            for (; at < of->end && is_printable_ascii(*at); at++) any |= to->characters[*at];
            if (any & CHARACTER_SIGN) {
                put(to, &space, 1, to->characters[space]);
                continue;
            }
            letters |= any & CHARACTER_LETTER;
            for (; run < at; run++) put(to, run, 1, to->characters[*run]);
            continue;
        }
        uint32_t point = 0;
        size_t size = decode(at, of->end, &point);
        uint8_t flags = to->characters[point];
        letters |= flags & CHARACTER_LETTER;
        if (point < 0x80 || flags & (CHARACTER_LETTER | CHARACTER_JOINING)) put(to, at, size, flags);
        at += size;
    }
    return letters;
}

/* Write what of a word tells a language, with a space before it; whether anything did. */
static int put_word(writer *to, const word *of) {
    static const uint8_t space = ' ';
    if (!(of->any & CHARACTER_LETTER)) return 0;
    if (of->any & CHARACTER_SIGN && of->highest < UNSPACED) return 0;
    writer before = *to;
    if (to->points) put(to, &space, 1, to->characters[space]);
    if (of->all & CHARACTER_LETTER || of->highest < 0x80)
        put_all(to, of);
    else if (!put_letters(to, of)) {
        *to = before;
        return 0;
    }
    return 1;
}

int64_t words_of(const uint8_t *text, size_t length, const uint8_t *characters, uint8_t *words) {
    writer to = {characters, words, 0, 0, 0, 0, 0};
    const uint8_t *at = text, *end = text + length;
    size_t looked = 0;
    int more = 1;
    while (more && to.points < READ) {
        word next = {at, at, 0, 0xFF, 0};
        for (;;) {
            if (looked == LOOKED_AT || at == end) {
                more = 0;
                break;
            }
            uint32_t point = 0;
            size_t size = decode(at, end, &point);
            uint8_t flags = size ? characters[point] : 0;
            if (!flags) return LANGUAGE_ASK;
            looked++;
            at += size;
            if (flags & CHARACTER_SPACE) {
                if (next.end > next.begin) break;
                next.begin = next.end = at;
                continue;
            }
            next.end = at;
            next.any |= flags;
            next.all &= flags;
            if (point > next.highest) next.highest = point;
        }
        if (next.end > next.begin) put_word(&to, &next);
    }
    if (to.changes) return LANGUAGE_ASK;
    if (to.seen & CHARACTER_UPPER && !(to.seen & CHARACTER_LOWER)) {
        if (to.upper_beyond_ascii) return LANGUAGE_ASK;
        for (size_t index = 0; index < to.size; index++)
            if (words[index] >= 'A' && words[index] <= 'Z') words[index] += 'a' - 'A';
    }
    return (int64_t)to.size;
}

/* --------------------------------------------------------------------------------------------------- fragments */

typedef struct {
    int32_t fragment;
    uint32_t times;
} visited;

typedef struct {
    visited *visits; /* fragments in the order of their first visits */
    size_t n_visits;
    uint32_t *slots; /* places of visits plus 1, by a hash of the fragment; 0 for none. All 0 between texts. */
    size_t mask;
} visits;

static int open_visits(visits *of, size_t longest) {
    size_t slots = 1024;
    while (slots / 2 < longest) {
        if (slots > SIZE_MAX / 2 / sizeof(uint32_t)) return 0;
        slots *= 2;
    }
    of->n_visits = 0;
    of->mask = slots - 1;
    of->visits = malloc((longest ? longest : 1) * sizeof(visited));
    of->slots = calloc(slots, sizeof(uint32_t));
    return of->visits && of->slots;
}

static void close_visits(visits *of) {
    free(of->visits);
    free(of->slots);
}

static inline size_t slot_of(const visits *of, int32_t fragment) {
    return ((uint32_t)fragment * 2654435769u >> 7) & of->mask;
}

/* Texts that are walked side by side: each step waits for memory, and those of other texts need not wait for it. */
enum { GROUP = 16 };

typedef struct {
    const uint8_t *bytes;
    size_t length;
    int32_t *ended; /* fragments in the order in which they end, room for as many as there are bytes */
    size_t n_ended;
} walker;

/* Walk the automaton over some texts, no more than GROUP. */
static void walk(const language_model *model, walker *walkers, size_t n_walkers) {
    uint32_t states[GROUP] = {0};
    size_t longest = 0;
    for (size_t each = 0; each < n_walkers; each++) {
        walkers[each].n_ended = 0;
        if (walkers[each].length > longest) longest = walkers[each].length;
    }
    for (size_t index = 0; index < longest; index++) {
        for (size_t each = 0; each < n_walkers; each++) {
            walker *of = walkers + each;
            if (index >= of->length) continue;
            uint32_t state = model->next[(size_t)model->rows[states[each]] << 8 | of->bytes[index]];
            int32_t fragment = model->fragments[state];
            states[each] = state;
            of->ended[of->n_ended] = fragment;
            of->n_ended += fragment >= 0;
        }
    }
}

/* Count the fragments that ended, no more than it was opened for, and have their weights on their way from memory. */
static void count(visits *of, const language_model *model, const walker *walked) {
    of->n_visits = 0;
    for (size_t index = 0; index < walked->n_ended; index++) {
        int32_t fragment = walked->ended[index];
        size_t slot = slot_of(of, fragment);
        while (of->slots[slot] && of->visits[of->slots[slot] - 1].fragment != fragment) slot = (slot + 1) & of->mask;
        if (of->slots[slot]) {
            of->visits[of->slots[slot] - 1].times++;
            continue;
        }
        const float *row = model->weights + (size_t)fragment * model->n_columns;
        for (size_t column = 0; column < model->n_columns; column += 64 / sizeof(float)) PREFETCH(row + column);
        of->visits[of->n_visits] = (visited){fragment, 1};
        of->slots[slot] = (uint32_t)++of->n_visits;
    }
    for (size_t place = 0; place < of->n_visits; place++) {
        size_t slot = slot_of(of, of->visits[place].fragment);
        /* The slots of one hash follow each other, and each fragment is in the first that was free. */
        while (of->slots[slot] != place + 1) slot = (slot + 1) & of->mask;
        of->slots[slot] = 0;
    }
}

/* Columns whose sums fit into registers together. */
enum { TOGETHER = 32 };

/* Sum the weights of some columns side by side, in the order of the visits, as NumPy does: each sum has the same
 * additions in the same order. */
static void sum_together(const visits *of, const language_model *model, const float *logs, size_t begin, float *scores) {
#if defined(__SSE2__)
    enum { LANES = 4, VECTORS = TOGETHER / LANES };
    __m128 sums[VECTORS];
    for (size_t vector = 0; vector < VECTORS; vector++) sums[vector] = _mm_setzero_ps();
    for (size_t place = 0; place < of->n_visits; place++) {
        const float *row = model->weights + (size_t)of->visits[place].fragment * model->n_columns + begin;
        const __m128 times = _mm_set1_ps(logs[of->visits[place].times]);
        for (size_t vector = 0; vector < VECTORS; vector++)
            sums[vector] = _mm_add_ps(sums[vector], _mm_mul_ps(times, _mm_loadu_ps(row + vector * LANES)));
    }
    for (size_t vector = 0; vector < VECTORS; vector++) _mm_storeu_ps(scores + begin + vector * LANES, sums[vector]);
#else
    float sums[TOGETHER] = {0};
    for (size_t place = 0; place < of->n_visits; place++) {
        const float *row = model->weights + (size_t)of->visits[place].fragment * model->n_columns + begin;
        float times = logs[of->visits[place].times];
        for (size_t column = 0; column < TOGETHER; column++) {
            float product = times * row[column];
            sums[column] += product;
        }
    }
    memcpy(scores + begin, sums, sizeof sums);
#endif
}

static void sum_weights(const visits *of, const language_model *model, const float *logs, float *scores) {
    size_t n_columns = model->n_columns;
    if (n_columns >= TOGETHER) {
        for (size_t begin = 0; begin + TOGETHER <= n_columns; begin += TOGETHER)
            sum_together(of, model, logs, begin, scores);
        /* The rest together with some that were summed before, to the same sums. */
        if (n_columns % TOGETHER) sum_together(of, model, logs, n_columns - TOGETHER, scores);
    }
    for (size_t column = 0; n_columns < TOGETHER && column < n_columns; column++) {
        scores[column] = 0;
        for (size_t place = 0; place < of->n_visits; place++) {
            const float *row = model->weights + (size_t)of->visits[place].fragment * n_columns;
            float product = logs[of->visits[place].times] * row[column];
            scores[column] += product;
        }
    }
    for (size_t column = 0; column < n_columns; column++) scores[column] += model->priors[column];
}

int score_languages(const language_model *model, const float *logs, const uint8_t *bytes, size_t length,
                    float *scores) {
    visits of = {0};
    walker only = {bytes, length, malloc((length + 1) * sizeof(int32_t)), 0};
    int known = -1;
    if (open_visits(&of, length) && only.ended) {
        walk(model, &only, 1);
        count(&of, model, &only);
        known = of.n_visits > 0;
        if (known) sum_weights(&of, model, logs, scores);
    }
    close_visits(&of);
    free(only.ended);
    return known;
}

/* --------------------------------------------------------------------------------------------------- languages */

/* The likeliest configured language and its probability, by confidence.py; `likely` has room for each language. */
static int32_t choose(const language_choice *choice, const float *scores, size_t n_columns, size_t size,
                      double *logits, double *likely, double *probability) {
    double root = sqrt((double)size), highest = -INFINITY, total = 0.0;
    for (size_t column = 0; column < n_columns; column++) {
        float sharpened = choice->sharpness * scores[column];
        logits[column] = (double)sharpened / root + (choice->languages[column] >= 0 ? choice->prior : 0.0);
        if (logits[column] > highest) highest = logits[column];
    }
    memset(likely, 0, choice->n_languages * sizeof(double));
    for (size_t column = 0; column < n_columns; column++) {
        double below = logits[column] - highest;
        if (below < NEGLIGIBLE) continue;
        double odds = exp(below);
        total += odds;
        if (choice->languages[column] >= 0) likely[choice->languages[column]] += odds;
    }
    int32_t best = 0;
    for (size_t language = 1; language < choice->n_languages; language++)
        if (likely[language] > likely[best]) best = (int32_t)language;
    *probability = likely[best] / total;
    return best;
}

/* What one batch needs beside the texts. */
typedef struct {
    visits visits[2];
    walker walkers[GROUP];
    size_t texts[GROUP]; /* of the walkers */
    uint8_t *words;      /* of the walkers, READ * WIDEST bytes each */
    int32_t *ended;      /* of the walkers, `room` each */
    size_t room;
    float *scores;
    double *sums;
} workspace;

static int open_workspace(workspace *work, const language_model *model, const language_choice *choice, size_t longest) {
    memset(work, 0, sizeof *work);
    work->room = longest + 1;
    if (longest > SIZE_MAX / GROUP / sizeof(int32_t) - 1) return 0;
    int opened = open_visits(work->visits, longest) && open_visits(work->visits + 1, longest);
    work->words = malloc((size_t)GROUP * READ * WIDEST);
    work->ended = malloc(GROUP * work->room * sizeof(int32_t));
    work->scores = malloc(model->n_columns * sizeof(float));
    work->sums = malloc((model->n_columns + choice->n_languages) * sizeof(double));
    return opened && work->words && work->ended && work->scores && work->sums;
}

static void close_workspace(workspace *work) {
    close_visits(work->visits);
    close_visits(work->visits + 1);
    free(work->words);
    free(work->ended);
    free(work->scores);
    free(work->sums);
}

/* Make walkers of the next texts that have words, and settle those that have none; the number of walkers. */
static size_t gather(workspace *work, const uint8_t *characters, const language_texts *texts, size_t *next,
                     int32_t *found, double *probabilities) {
    size_t n_walkers = 0;
    for (; *next < texts->n_texts && n_walkers < GROUP; ++*next) {
        const uint8_t *words = texts->bytes + texts->begins[*next];
        int64_t size = texts->lengths[*next];
        if (!texts->worded) {
            uint8_t *room = work->words + n_walkers * READ * WIDEST;
            size = words_of(words, (size_t)size, characters, room);
            words = room;
        }
        found[*next] = size < 0 ? LANGUAGE_ASK : LANGUAGE_NONE;
        probabilities[*next] = 0.0;
        if (size <= 0) continue;
        work->walkers[n_walkers] = (walker){words, (size_t)size, work->ended + n_walkers * work->room, 0};
        work->texts[n_walkers++] = *next;
    }
    return n_walkers;
}

int identify_languages(const language_model *model, const language_choice *choice, const uint8_t *characters,
                       const float *logs, const language_texts *texts, int32_t *found, double *probabilities) {
    size_t longest = READ * WIDEST, next = 0;
    for (size_t text = 0; texts->worded && text < texts->n_texts; text++)
        if ((size_t)texts->lengths[text] > longest) longest = (size_t)texts->lengths[text];
    workspace work;
    int well = open_workspace(&work, model, choice, longest);
    while (well && next < texts->n_texts) {
        size_t n_walkers = gather(&work, characters, texts, &next, found, probabilities);
        walk(model, work.walkers, n_walkers);
        if (n_walkers) count(work.visits, model, work.walkers);
        for (size_t each = 0; each < n_walkers; each++) {
            /* The weights of the next text come from memory while those of this one are summed. */
            if (each + 1 < n_walkers) count(work.visits + (each + 1) % 2, model, work.walkers + each + 1);
            const visits *of = work.visits + each % 2;
            if (!of->n_visits) continue;
            size_t text = work.texts[each];
            sum_weights(of, model, logs, work.scores);
            found[text] = choose(choice, work.scores, model->n_columns, work.walkers[each].length, work.sums,
                                 work.sums + model->n_columns, probabilities + text);
        }
    }
    close_workspace(&work);
    return well ? LANGUAGES_WELL : LANGUAGES_NO_MEMORY;
}
