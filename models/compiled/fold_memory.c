/* Memory of the folding, which grows and is kept; and the tables of Unicode's data. */
#define SLUICEGATE_FOLD_TABLES
#include "fold_inside.h"

#include <stdlib.h>

/* Make room for so many entries of a size; what is there stays. */
int grown(void **memory, size_t *room, size_t needed, size_t size) {
    size_t wanted = *room + *room / 2 + 64;
    if (wanted < needed) wanted = needed;
    if (wanted > SIZE_MAX / size) return -1;
    void *found = realloc(*memory, wanted * size);
    if (found == NULL) return -1;
    *memory = found;
    *room = wanted;
    return 0;
}

int letters_set(FoldLetters *letters, const uint32_t *text, size_t length) {
    if (letters_reserve(letters, length)) return -1;
    if (length) memcpy(letters->at, text, length * sizeof(uint32_t));
    letters->length = length;
    return 0;
}

int parts_add(FoldParts *parts, const uint32_t *text, size_t length, size_t first, size_t last) {
    FoldLetters *letters = &parts->letters;
    if (letters_reserve(letters, letters->length + length)) return -1;
    if (parts->count == parts->room &&
        grown((void **)&parts->at, &parts->room, parts->count + 1, sizeof(FoldPart)))
        return -1;
    if (length) memcpy(letters->at + letters->length, text, length * sizeof(uint32_t));
    parts->at[parts->count++] = (FoldPart){letters->length, letters->length + length, first, last, 0};
    letters->length += length;
    return 0;
}

void folded_init(Folded *folded) { memset(folded, 0, sizeof *folded); }

static void pieces_free(FoldPieces *pieces) {
    free(pieces->bytes);
    free(pieces->begins);
    free(pieces->from);
    free(pieces->to);
}

static void parts_free(FoldParts *parts) {
    free(parts->letters.at);
    free(parts->at);
}

void folded_free(Folded *folded) {
    pieces_free(&folded->now);
    pieces_free(&folded->next);
    free(folded->token.at);
    free(folded->found.at);
    free(folded->canonical.at);
    free(folded->before.at);
    free(folded->work.at);
    free(folded->reduced.at);
    parts_free(&folded->split);
    parts_free(&folded->parts);
    parts_free(&folded->settling);
    parts_free(&folded->settled);
    free(folded->places);
    folded_init(folded);
}

const char *fold_unicode_version(void) { return UNICODE_VERSION; }
