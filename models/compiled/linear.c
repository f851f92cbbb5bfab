#include "linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

/* Floats are added up within so few n-grams, and those sums as doubles, so that long texts lose no digits. */
#define RUN 16
/* How many n-grams ahead the rows are fetched from memory. */
#define AHEAD 24

uint64_t linear_spread = 0x9e3779b97f4a7c15u;

void linear_room_free(LinearRoom *room) {
    grams_free(&room->grams);
    free(room->counts);
    free(room->sums);
    memset(room, 0, sizeof *room);
}

static int make_table(LinearRoom *room, size_t grams, int *bits) {
    *bits = 6;
    while ((size_t)1 << *bits < 2 * grams)
        ++*bits;
    size_t slots = (size_t)1 << *bits;
    if (slots > room->slots) {
        free(room->counts);
        room->counts = malloc(slots * sizeof(uint64_t));
        room->slots = room->counts == NULL ? 0 : slots;
        if (room->counts == NULL)
            return -1;
    }
    memset(room->counts, 0, slots * sizeof(uint64_t));
    return 0;
}

/* Note one more of a column; give how many there were before. */
static inline uint32_t counted(uint64_t *counts, int bits, uint32_t column) {
    size_t mask = ((size_t)1 << bits) - 1, slot = (size_t)((column + 1) * linear_spread >> (64 - bits));
    uint64_t wanted = (uint64_t)(column + 1) << 32;
    while (counts[slot] != 0 && (counts[slot] ^ wanted) >> 32)
        slot = (slot + 1) & mask;
    uint32_t before = (uint32_t)counts[slot];
    counts[slot] = wanted | (before + 1);
    return before;
}

/* Add up the rows of all n-grams; sums[0] is left without meaning. Give the square of the length of the text's row. */
static inline double added_rows(const LinearBlock *block, const LinearRoom *room, int bits, size_t stride, double *sums) {
    const uint32_t *columns = room->grams.columns;
    size_t count = room->grams.count;
    double square = 0;
    for (size_t begin = 0; begin < count; begin += RUN) {
        size_t end = begin + RUN < count ? begin + RUN : count;
        float run[64] = {0};
        for (size_t gram = begin; gram < end; gram++) {
            if (gram + AHEAD < count)
                PREFETCH(block->rows + (size_t)columns[gram + AHEAD] * stride);
            const float *row = block->rows + (size_t)columns[gram] * stride;
            double frequency = row[0];
            square += frequency * frequency * (2.0 * counted(room->counts, bits, columns[gram]) + 1.0);
            for (size_t place = 0; place < stride; place++)
                run[place] += row[place];
        }
        for (size_t place = 0; place < stride; place++)
            sums[place] += run[place];
    }
    return square;
}

static int add_block(const LinearModel *model, const LinearBlock *block, LinearRoom *room, const Pieces *text,
                     double *sums, int owners, double *length) {
    int bits;
    if (find_grams(&room->grams, &block->range, text, owners) || make_table(room, room->grams.count, &bits))
        return -1;
    /* The usual strides as constants: the loops over them are unrolled. */
    double square = model->stride == 8   ? added_rows(block, room, bits, 8, sums)
                    : model->stride == 4 ? added_rows(block, room, bits, 4, sums)
                    : model->stride == 12 ? added_rows(block, room, bits, 12, sums)
                                          : added_rows(block, room, bits, model->stride, sums);
    *length = sqrt(square);
    return 0;
}

int linear_logits(const LinearModel *model, LinearRoom *room, const Pieces *text, double *logits) {
    memcpy(logits, model->intercepts, model->harms * sizeof(double));
    for (size_t index = 0; index < model->blocks; index++) {
        double sums[64] = {0}, length;
        if (add_block(model, model->block + index, room, text, sums, 0, &length))
            return -1;
        if (length > 0)
            for (size_t harm = 0; harm < model->harms; harm++)
                logits[harm] += sums[harm + 1] / length;
    }
    return 0;
}

int linear_weights(const LinearModel *model, LinearRoom *room, const Pieces *text, double *weights) {
    size_t harms = model->harms;
    for (size_t index = 0; index < model->blocks; index++) {
        const LinearBlock *block = model->block + index;
        double sums[64] = {0}, length;
        if (add_block(model, block, room, text, sums, 1, &length))
            return -1;
        const Grams *grams = &room->grams;
        if (!(length > 0))
            continue;
        double whole = 1 / length, half = whole / 2;
        for (size_t gram = 0; gram < grams->count; gram++) {
            const float *row = block->rows + (size_t)grams->columns[gram] * model->stride + 1;
            size_t first = grams->firsts[gram], last = grams->lasts[gram];
            double part = first == last ? whole : half;
            for (size_t harm = 0; harm < harms; harm++)
                weights[first * harms + harm] += row[harm] * part;
            if (first != last)
                for (size_t harm = 0; harm < harms; harm++)
                    weights[last * harms + harm] += row[harm] * part;
        }
    }
    return 0;
}

static void insert(Part *parts, size_t *count, size_t limit, Part part) {
    size_t place = *count;
    while (place > 0 && parts[place - 1].weight < part.weight)
        place--;
    if (place >= limit)
        return;
    if (*count < limit)
        ++*count;
    memmove(parts + place + 1, parts + place, (*count - 1 - place) * sizeof(Part));
    parts[place] = part;
}

static int compared_places(const void *one, const void *other) {
    uint32_t left = ((const Part *)one)->from, right = ((const Part *)other)->from;
    return (left > right) - (left < right);
}

static size_t join_touching(Part *parts, size_t count) {
    int touching = 0;
    for (size_t one = 0; one < count; one++)
        for (size_t other = 0; other < count; other++)
            touching |= parts[one].from == parts[other].to;
    if (!touching)
        return count;
    qsort(parts, count, sizeof(Part), compared_places);
    size_t kept = 0;
    for (size_t place = 0; place < count; place++)
        if (kept > 0 && parts[kept - 1].to == parts[place].from) {
            parts[kept - 1].to = parts[place].to;
            parts[kept - 1].weight += parts[place].weight;
        } else
            parts[kept++] = parts[place];
    size_t sorted = 0;
    for (size_t place = 0; place < kept; place++)
        insert(parts, &sorted, kept, parts[place]);
    return kept;
}

size_t strongest_parts(const double *weights, const uint32_t *from, const uint32_t *to, size_t pieces, size_t harms,
                       size_t harm, size_t limit, Part *parts) {
    size_t count = 0;
    for (size_t first = 0, piece; first < pieces; first = piece) {
        double added = 0;
        for (piece = first; piece < pieces && from[piece] == from[first]; piece++)
            added += weights[piece * harms + harm];
        if (added > 0)
            insert(parts, &count, limit, (Part){from[first], to[first], added});
    }
    return join_touching(parts, count);
}
