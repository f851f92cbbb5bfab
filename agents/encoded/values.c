/* Writes the values of a batch. See values.h. */
#include "values.h"

#include <stdbool.h>
#include <stddef.h>

#include "../../schemas/columns/event_json.h"
#include "name_hash.h"

/* More than all that a value has of fixed text, numbers and moments, but for the scores, harms and parts. */
#define VALUE_FIXED 2048
/* More than the fixed text and the numbers of a score, of a harm that was reached, and of a part of the text. */
#define MEMBER_FIXED 160

typedef struct {
    const constants *all;
    const event_strings *strings;
    const decided_events *decided;
    int64_t row;
    const int64_t *begins, *lengths;
    uint8_t id[UUID_CHARACTERS];
} value_row;

static uint8_t *put_piece(uint8_t *out, const pieces *from, int64_t index)
{
    int64_t begin = from->offsets[index];
    return put_bytes(out, from->bytes + begin, from->offsets[index + 1] - begin);
}

static inline uint8_t *put_field(uint8_t *out, const value_row *r, int field)
{
    int64_t length = r->lengths[field];
    return put_string(out, r->strings->arena + r->begins[field], length < 0 ? 0 : length);
}

static inline bool is_piece(const pieces *of, int64_t index)
{
    return index >= 0 && index < of->count;
}

/* Take up a row, having looked whether all that is written of it is there. */
static bool take_row(value_row *r, const chosen_rows *chosen, int64_t position)
{
    const decided_events *decided = r->decided;
    int64_t row = chosen->rows[position], record;
    if (row < 0 || row >= decided->count)
        return false;
    record = decided->records[row];
    if (record < 0 || record >= r->strings->count)
        return false;
    r->row = row;
    r->begins = r->strings->begins + record * FIELDS;
    r->lengths = r->strings->lengths + record * FIELDS;
    for (int field = 0; field < FIELDS; field++) {
        int64_t begin = r->begins[field], length = r->lengths[field];
        if (length > 0 && (begin < 0 || begin > r->strings->size || length > r->strings->size - begin))
            return false;
    }
    /* An event that was not read has no id. */
    return r->lengths[FIELD_ID] > 0 && is_piece(&r->all->rules, (int64_t)decided->rules[row] + r->all->built_in_rules) &&
           is_piece(&r->all->outcomes, decided->outcomes[row]) && decided->queues[row] < r->all->queues.count &&
           decided->actions[row] < r->all->actions.count && decided->tags[row] < r->all->tags.count &&
           decided->told[row] < r->all->tags.count;
}

/* Give room for a value that has so many members besides, each of at most so many bytes of names. */
static bool has_room(const value_row *r, output *out, int64_t members, int64_t longest)
{
    const constants *all = r->all;
    int64_t strings = 0;
    for (int field = 0; field < FIELDS; field++)
        strings += r->lengths[field] > 0 ? r->lengths[field] : 0;
    /* The time of a decision stands in it as often as thrice, a queue and the identifiers once. */
    out->wanted = VALUE_FIXED + ESCAPED_MAX * strings + FIELDS * STRING_EXTRA + all->outcomes.longest + all->rules.longest +
                  all->actions.longest + all->queues.longest + all->tags.longest + all->dues.longest +
                  all->warnings.longest + 4 * all->moments.longest + all->provenance.longest +
                  members * (MEMBER_FIXED + longest);
    return out->wanted <= out->capacity - out->used;
}

static int64_t characters(const uint8_t *bytes, int64_t length)
{
    int64_t count = 0;
    for (int64_t at = 0; at < length; at++)
        count += (bytes[at] & 0xC0) != 0x80;
    return count;
}

static void identify(value_row *r)
{
    const uint8_t *source = r->strings->arena + r->begins[FIELD_SOURCE], *id = r->strings->arena + r->begins[FIELD_ID];
    int64_t length = r->lengths[FIELD_SOURCE] > 0 ? r->lengths[FIELD_SOURCE] : 0;
    uint8_t counted[24];
    uint8_t *end = put_integer(counted, (uint64_t)characters(source, length));
    name_hash hash;
    *end++ = ':';
    name_begin(&hash, r->all->namespace_id);
    name_add(&hash, counted, (size_t)(end - counted));
    name_add(&hash, source, (size_t)length);
    name_add(&hash, (const uint8_t *)":", 1);
    name_add(&hash, id, (size_t)r->lengths[FIELD_ID]);
    name_end(&hash, r->id);
}

/* {"id": ... "surface": ... with the members that all values begin with. */
static uint8_t *put_head(uint8_t *out, const value_row *r, const uint8_t *id)
{
    out = PUT(out, "{\"id\":\"");
    out = put_bytes(out, id, UUID_CHARACTERS);
    out = PUT(out, "\",\"time\":");
    out = put_piece(out, &r->all->moments, 0);
    out = PUT(out, ",\"data\":{\"event\":{\"source\":");
    out = put_field(out, r, FIELD_SOURCE);
    out = PUT(out, ",\"id\":");
    out = put_field(out, r, FIELD_ID);
    out = PUT(out, ",\"time\":");
    /* An empty time counts as none; the reader lets none pass. */
    if (r->lengths[FIELD_TIME] > 0) {
        out = put_field(out, r, FIELD_TIME);
    } else {
        *out++ = '"';
        out = put_moment(out, r->decided->timestamps[r->row]);
        *out++ = '"';
    }
    out = PUT(out, "},\"content_id\":");
    out = put_field(out, r, FIELD_CONTENT_ID);
    out = PUT(out, ",\"actor_id\":");
    out = put_field(out, r, FIELD_ACTOR_ID);
    out = PUT(out, ",\"surface\":");
    return put_field(out, r, FIELD_SURFACE);
}

static uint8_t *put_tenant(uint8_t *out, const value_row *r)
{
    if (r->lengths[FIELD_TENANT] < 0)
        return out;
    out = PUT(out, ",\"tenant\":");
    return put_field(out, r, FIELD_TENANT);
}

/* ,"queue": ... ,"priority": ... */
static uint8_t *put_priority(uint8_t *out, const value_row *r)
{
    const decided_events *decided = r->decided;
    number_writer number = r->all->number;
    out = PUT(out, ",\"queue\":");
    out = put_piece(out, &r->all->queues, decided->queues[r->row]);
    out = PUT(out, ",\"priority\":{\"value\":");
    out = put_number(out, decided->values[r->row], number);
    if (out == NULL)
        return NULL;
    out = PUT(out, ",\"minutes\":");
    out = put_number(out, decided->minutes[r->row], number);
    if (out == NULL)
        return NULL;
    out = PUT(out, ",\"price\":");
    out = put_number(out, decided->prices[r->row], number);
    if (out == NULL)
        return NULL;
    out = PUT(out, ",\"class\":");
    if (decided->classes[r->row] < 0)
        *out++ = '-';
    out = put_integer(out, (uint64_t)(decided->classes[r->row] < 0 ? -decided->classes[r->row] : decided->classes[r->row]));
    if (r->all->moments.count > 1) {
        out = PUT(out, ",\"as_of\":");
        out = put_piece(out, &r->all->moments, 1);
    }
    *out++ = '}';
    return out;
}

static uint8_t *put_scores(uint8_t *out, const value_row *r)
{
    int64_t harms = r->all->harms.count;
    const double *scores = r->decided->scores + r->row * harms;
    out = PUT(out, ",\"scores\":{");
    if (r->decided->scored[r->row]) {
        for (int64_t harm = 0; harm < harms; harm++) {
            if (harm > 0)
                *out++ = ',';
            out = put_piece(out, &r->all->harms, harm);
            *out++ = ':';
            out = put_number(out, scores[harm], r->all->number);
            if (out == NULL)
                return NULL;
        }
    }
    *out++ = '}';
    return out;
}

static uint8_t *put_language(uint8_t *out, const value_row *r)
{
    const decided_events *decided = r->decided;
    if (decided->tags[r->row] < 0)
        return out;
    out = PUT(out, ",\"language\":{\"tag\":");
    out = put_piece(out, &r->all->tags, decided->tags[r->row]);
    if (decided->identified[r->row]) {
        out = PUT(out, ",\"identified\":true,\"confidence\":");
        out = put_number(out, decided->confidences[r->row], r->all->number);
        if (out == NULL)
            return NULL;
    } else {
        out = PUT(out, ",\"identified\":false");
    }
    *out++ = '}';
    return out;
}

static uint8_t *put_decision(uint8_t *out, const value_row *r)
{
    const constants *all = r->all;
    const decided_events *decided = r->decided;
    out = put_head(out, r, r->id);
    out = put_scores(out, r);
    if (out == NULL)
        return NULL;
    out = PUT(out, ",\"outcome\":");
    out = put_piece(out, &all->outcomes, decided->outcomes[r->row]);
    out = PUT(out, ",\"rule\":");
    out = put_piece(out, &all->rules, decided->rules[r->row] + all->built_in_rules);
    out = decided->watch[r->row] ? PUT(out, ",\"watch\":true") : PUT(out, ",\"watch\":false");
    out = PUT(out, ",\"text_truncated\":false");
    out = put_piece(out, &all->provenance, 0);
    if (decided->actions[r->row] >= 0) {
        out = PUT(out, ",\"action\":");
        out = put_piece(out, &all->actions, decided->actions[r->row]);
    }
    if (decided->queues[r->row] >= 0) {
        out = put_priority(out, r);
        if (out == NULL)
            return NULL;
    }
    out = put_tenant(out, r);
    if (r->lengths[FIELD_CONTENT_VERSION] >= 0) {
        out = PUT(out, ",\"content_version\":");
        out = put_field(out, r, FIELD_CONTENT_VERSION);
    }
    out = put_language(out, r);
    if (out == NULL)
        return NULL;
    return PUT(out, "},\"specversion\":\"1.0\",\"source\":\"/sluicegate\",\"type\":\"content.decision\","
                    "\"datacontenttype\":\"application/json\",\"dataschema\":\"urn:sluicegate:schema:decision:v1\"}");
}

static int end_value(output *out, uint8_t *end, int64_t index)
{
    if (end == NULL)
        return WRITE_FAILED;
    out->begins[index] = out->used;
    out->lengths[index] = end - (out->bytes + out->used);
    out->used += out->lengths[index];
    return WRITE_DONE;
}

int write_decisions(const constants *all, const event_strings *strings, const decided_events *decided,
                    const chosen_rows *chosen, int64_t *done, output *out)
{
    value_row r = {all, strings, decided, 0, NULL, NULL, {0}};
    for (; *done < chosen->count; ++*done) {
        if (!take_row(&r, chosen, *done))
            return WRITE_INVALID;
        if (!has_room(&r, out, all->harms.count, all->harms.longest))
            return WRITE_FULL;
        identify(&r);
        if (end_value(out, put_decision(out->bytes + out->used, &r), *done) != WRITE_DONE)
            return WRITE_FAILED;
    }
    return WRITE_DONE;
}

static uint8_t *put_reached(uint8_t *out, const constants *all, const reached_harms *reached, int64_t begin, int64_t end)
{
    out = PUT(out, ",\"harms\":[");
    for (int64_t at = begin; at < end; at++) {
        if (at > begin)
            *out++ = ',';
        out = PUT(out, "{\"harm\":");
        out = put_piece(out, &all->harms, reached->harms[at]);
        out = PUT(out, ",\"probability\":");
        out = put_number(out, reached->probabilities[at], all->number);
        if (out == NULL)
            return NULL;
        *out++ = '}';
    }
    *out++ = ']';
    return out;
}

static uint8_t *put_parts(uint8_t *out, const constants *all, const text_parts *parts, int64_t begin, int64_t end)
{
    out = PUT(out, ",\"why\":[");
    for (int64_t at = begin; at < end; at++) {
        if (at > begin)
            *out++ = ',';
        out = PUT(out, "{\"harm\":");
        out = put_piece(out, &all->harms, parts->harms[at]);
        out = PUT(out, ",\"start\":");
        out = put_integer(out, (uint64_t)parts->starts[at]);
        out = PUT(out, ",\"end\":");
        out = put_integer(out, (uint64_t)parts->ends[at]);
        out = PUT(out, ",\"weight\":");
        out = put_number(out, parts->weights[at], all->number);
        if (out == NULL)
            return NULL;
        *out++ = '}';
    }
    *out++ = ']';
    return out;
}

/* What follows the parts of the text in a task. */
static uint8_t *put_task_rest(uint8_t *out, const value_row *r, int64_t warning)
{
    const constants *all = r->all;
    const decided_events *decided = r->decided;
    int32_t told = decided->told[r->row];
    out = put_priority(out, r);
    if (out == NULL)
        return NULL;
    out = PUT(out, ",\"enqueued_at\":");
    out = put_piece(out, &all->moments, 0);
    out = PUT(out, ",\"due_at\":");
    out = put_piece(out, &all->dues, decided->queues[r->row]);
    out = PUT(out, ",\"content_warning\":");
    out = put_piece(out, &all->warnings, warning);
    out = PUT(out, ",\"rule\":");
    out = put_piece(out, &all->rules, decided->rules[r->row] + all->built_in_rules);
    out = put_piece(out, &all->provenance, 0);
    if (told >= 0) {
        out = PUT(out, ",\"language\":");
        out = put_piece(out, &all->tags, told);
    } else if (told == TOLD_AS_NAMED && r->lengths[FIELD_LANGUAGE] > 0) {
        out = PUT(out, ",\"language\":");
        out = put_field(out, r, FIELD_LANGUAGE);
    }
    out = put_tenant(out, r);
    return PUT(out, "},\"specversion\":\"1.0\",\"source\":\"/sluicegate\",\"type\":\"review.task\","
                    "\"datacontenttype\":\"application/json\",\"dataschema\":\"urn:sluicegate:schema:review-task:v1\"}");
}

/* Give where the members of this row end that begin at `at`; -1 where one is of a row before, or of no harm. */
static int64_t end_of_row(const int64_t *rows, const int64_t *harms, int64_t at, int64_t count, int64_t row, int64_t most)
{
    for (; at < count && rows[at] <= row; at++)
        if (rows[at] < row || harms[at] < 0 || harms[at] >= most)
            return -1;
    return at;
}

int write_tasks(const constants *all, const event_strings *strings, const decided_events *decided,
                const chosen_rows *chosen, const reached_harms *reached, const text_parts *parts,
                const int64_t *warnings, int64_t progress[3], output *out)
{
    value_row r = {all, strings, decided, 0, NULL, NULL, {0}};
    int64_t harms = all->harms.count;
    for (; progress[0] < chosen->count; ++progress[0]) {
        int64_t position = progress[0], at = progress[1], part = progress[2];
        int64_t last = end_of_row(reached->rows, reached->harms, at, reached->count, position, harms);
        int64_t last_part = end_of_row(parts->rows, parts->harms, part, parts->count, position, harms);
        uint8_t *end;
        if (last < 0 || last_part < 0 || !take_row(&r, chosen, position) || decided->queues[r.row] < 0 ||
            decided->queues[r.row] >= all->dues.count || !is_piece(&all->warnings, warnings[position]))
            return WRITE_INVALID;
        for (int64_t each = part; each < last_part; each++)
            if (parts->starts[each] < 0 || parts->ends[each] < 0)
                return WRITE_INVALID;
        if (!has_room(&r, out, last - at + last_part - part, all->harms.longest))
            return WRITE_FULL;
        identify(&r);
        end = put_head(out->bytes + out->used, &r, r.id);
        end = PUT(end, ",\"text\":");
        end = put_field(end, &r, FIELD_TEXT);
        end = PUT(end, ",\"text_truncated\":false");
        end = put_reached(end, all, reached, at, last);
        end = end == NULL ? NULL : put_parts(end, all, parts, part, last_part);
        end = end == NULL ? NULL : put_task_rest(end, &r, warnings[position]);
        if (end_value(out, end, position) != WRITE_DONE)
            return WRITE_FAILED;
        progress[1] = last;
        progress[2] = last_part;
    }
    return WRITE_DONE;
}

/* The id of a withdrawal. Queues are hashed as they are named, not as JSON writes them. */
static void identify_withdrawal(const value_row *r, int64_t queue, uint8_t *id)
{
    const pieces *names = &r->all->queue_names;
    name_hash hash;
    name_begin(&hash, r->all->namespace_id);
    name_add(&hash, (const uint8_t *)"withdrawn:", 10);
    name_add(&hash, r->id, UUID_CHARACTERS);
    name_add(&hash, (const uint8_t *)":", 1);
    name_add(&hash, names->bytes + names->offsets[queue], (size_t)(names->offsets[queue + 1] - names->offsets[queue]));
    name_end(&hash, id);
}

int write_withdrawals(const constants *all, const event_strings *strings, const decided_events *decided,
                      const chosen_rows *chosen, int64_t *done, output *out)
{
    value_row r = {all, strings, decided, 0, NULL, NULL, {0}};
    int64_t queues = all->queues.count;
    if (all->queue_names.count != queues)
        return WRITE_INVALID;
    for (; *done < chosen->count * queues; ++*done) {
        int64_t queue = *done % queues;
        uint8_t id[UUID_CHARACTERS], *end;
        if (!take_row(&r, chosen, *done / queues))
            return WRITE_INVALID;
        if (!has_room(&r, out, 0, 0))
            return WRITE_FULL;
        identify(&r);
        identify_withdrawal(&r, queue, id);
        end = put_head(out->bytes + out->used, &r, id);
        end = PUT(end, ",\"queue\":");
        end = put_piece(end, &all->queues, queue);
        end = PUT(end, ",\"withdrawn_at\":");
        end = put_piece(end, &all->moments, 0);
        end = put_tenant(end, &r);
        end = PUT(end, "},\"specversion\":\"1.0\",\"source\":\"/sluicegate\",\"type\":\"review.task.withdrawn\","
                       "\"datacontenttype\":\"application/json\","
                       "\"dataschema\":\"urn:sluicegate:schema:review-withdrawal:v1\"}");
        end_value(out, end, *done);
    }
    return WRITE_DONE;
}
