/* A linear model over hashed n-grams: the log-odds of all harms in one pass, and what each piece of a text adds. */
#ifndef SLUICEGATE_LINEAR_H
#define SLUICEGATE_LINEAR_H

#include "grams.h"

typedef struct {
    GramRange range;
    const float *rows; /* size x stride: inverse document frequency, its product with each harm's coefficient, zeros */
} LinearBlock;

typedef struct {
    size_t harms;
    size_t stride; /* floats of a row: harms + 1, rounded up to a multiple of 4 */
    size_t blocks;
    LinearBlock *block;
    double *intercepts; /* of each harm */
} LinearModel;

/* Room that is kept from one text to the next. */
typedef struct {
    Grams grams;
    size_t slots; /* a power of two */
    uint64_t *counts;
    double *sums; /* stride */
} LinearRoom;

void linear_room_free(LinearRoom *room);

/* Reckon the log-odds of each harm. Returns 0; -1 where memory ran out. */
int linear_logits(const LinearModel *model, LinearRoom *room, const Pieces *text, double *logits);

/* Add to weights (pieces x harms) what each piece adds to the log-odds; what spans two pieces counts half for each. */
int linear_weights(const LinearModel *model, LinearRoom *room, const Pieces *text, double *weights);

/* A part of a text, and what it adds to the log-odds of a harm. */
typedef struct {
    uint32_t from, to;
    double weight;
} Part;

/* Find the parts that add most for a harm, strongest first, those that touch as one; room for `limit` of them.
   Pieces that come from one place, such as an emoji and the words of its name, count together. */
size_t strongest_parts(const double *weights, const uint32_t *from, const uint32_t *to, size_t pieces, size_t harms,
                       size_t harm, size_t limit, Part *parts);

/* By what columns are spread over the slots of a table; drawn anew by each process, so that nobody can write a text
   whose n-grams all want the same ones. */
extern uint64_t linear_spread;

#endif
