/* Reads content events in JSON into columns. See event_json.h. */
#include "event_json.h"

#include <math.h>
#include <string.h>

#include "cursor.h"

/* Members besides the string fields, as bits of what was seen. */
enum {
    SEEN_SPECVERSION = FIELDS,
    SEEN_TYPE,
    SEEN_DATA,
    SEEN_DATACONTENTTYPE,
    SEEN_DATA_BASE64,
    SEEN_SIGNALS,
    UNKNOWN
};

#define BIT(member) (UINT32_C(1) << (member))

#define REQUIRED                                                                                                       \
    (BIT(FIELD_ID) | BIT(FIELD_SOURCE) | BIT(FIELD_CONTENT_ID) | BIT(FIELD_ACTOR_ID) | BIT(FIELD_SURFACE) |            \
     BIT(SEEN_SPECVERSION) | BIT(SEEN_TYPE) | BIT(SEEN_DATA))
/* Those that may be null, which means absent. */
#define OPTIONAL                                                                                                       \
    (BIT(FIELD_TIME) | BIT(FIELD_TEXT) | BIT(FIELD_LANGUAGE) | BIT(FIELD_TENANT) | BIT(FIELD_CONTENT_VERSION))
#define MAY_BE_EMPTY (BIT(FIELD_TEXT) | BIT(FIELD_LANGUAGE))

#define TYPE_CREATED 0
#define TYPE_UPDATED 1
#define TYPE_REPORTED 2
#define TYPE_DELETED 3

typedef struct {
    cursor c;
    const event_limits *limits;
    const signal_names *wanted;
    uint8_t *arena;
    int64_t used;
    const event_row *row;
    uint32_t seen;
} reading;

#define IS(word) (length == (int64_t)sizeof(word) - 1 && memcmp(name, word, sizeof(word) - 1) == 0)

static int member_of_envelope(const uint8_t *name, int64_t length)
{
    if (IS("id"))
        return FIELD_ID;
    if (IS("source"))
        return FIELD_SOURCE;
    if (IS("type"))
        return SEEN_TYPE;
    if (IS("time"))
        return FIELD_TIME;
    if (IS("data"))
        return SEEN_DATA;
    if (IS("specversion"))
        return SEEN_SPECVERSION;
    if (IS("datacontenttype"))
        return SEEN_DATACONTENTTYPE;
    if (IS("data_base64"))
        return SEEN_DATA_BASE64;
    return UNKNOWN;
}

static int member_of_data(const uint8_t *name, int64_t length)
{
    if (IS("content_id"))
        return FIELD_CONTENT_ID;
    if (IS("actor_id"))
        return FIELD_ACTOR_ID;
    if (IS("surface"))
        return FIELD_SURFACE;
    if (IS("text"))
        return FIELD_TEXT;
    if (IS("language"))
        return FIELD_LANGUAGE;
    if (IS("signals"))
        return SEEN_SIGNALS;
    if (IS("tenant"))
        return FIELD_TENANT;
    if (IS("content_version"))
        return FIELD_CONTENT_VERSION;
    return UNKNOWN;
}

static int type_of(const uint8_t *name, int64_t length)
{
    if (IS("content.created"))
        return TYPE_CREATED;
    if (IS("content.updated"))
        return TYPE_UPDATED;
    if (IS("content.reported"))
        return TYPE_REPORTED;
    if (IS("content.deleted"))
        return TYPE_DELETED;
    return -1;
}

/* Read digits as a number; -1 where one is none. */
static int number_at(const uint8_t *at, int digits)
{
    int number = 0;
    for (int digit = 0; digit < digits; digit++) {
        if (at[digit] < '0' || at[digit] > '9')
            return -1;
        number = number * 10 + (at[digit] - '0');
    }
    return number;
}

static bool is_day(int year, int month, int day)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && leap);
}

/* Tell whether this is hours and minutes, as 23:59. */
static bool is_clock(const uint8_t *at)
{
    int hour = number_at(at, 2), minute = number_at(at + 3, 2);
    return hour >= 0 && hour <= 23 && at[2] == ':' && minute >= 0 && minute <= 59;
}

/* RFC 3339, section 5.6, as parse_time has it: a zone is there, a fraction has up to 30 digits, a second may be 60. */
static bool is_time(const uint8_t *time, int64_t length)
{
    int64_t at = 19;
    int second;
    if (length < 20 || time[4] != '-' || time[7] != '-' || (time[10] | 0x20) != 't' || time[16] != ':')
        return false;
    second = number_at(time + 17, 2);
    if (!is_day(number_at(time, 4), number_at(time + 5, 2), number_at(time + 8, 2)) || !is_clock(time + 11) ||
        second < 0 || second > 60)
        return false;
    if (time[at] == '.') {
        int64_t begin = ++at;
        while (at < length && time[at] >= '0' && time[at] <= '9')
            at++;
        if (at == begin || at - begin > 30)
            return false;
    }
    if (length - at == 1)
        return (time[at] | 0x20) == 'z';
    return length - at == 6 && (time[at] == '+' || time[at] == '-') && is_clock(time + at + 1);
}

static bool read_field(reading *r, int field)
{
    uint8_t *out = r->arena + r->used;
    int64_t continuations, length;
    if (BIT(field) & OPTIONAL && peek(&r->c) == 'n')
        return read_literal(&r->c, "null", 4);
    length = read_string(&r->c, out, &continuations);
    if (length < 0 || length > r->limits->fields[field] || (length == 0 && !(BIT(field) & MAY_BE_EMPTY)))
        return false;
    if (field == FIELD_TIME && !is_time(out, length))
        return false;
    if (field == FIELD_TEXT)
        *r->row->text_points = length - continuations;
    r->row->begins[field] = r->used;
    r->row->lengths[field] = length;
    r->used += length;
    return true;
}

static bool keep_signal(reading *r, const uint8_t *name, int64_t length, uint64_t *seen, const json_number *number)
{
    const signal_names *wanted = r->wanted;
    int64_t begin = 0;
    for (size_t index = 0; index < wanted->count; begin = wanted->ends[index++]) {
        if (wanted->ends[index] - begin != length || memcmp(wanted->names + begin, name, (size_t)length) != 0)
            continue;
        /* Of duplicates the last counts: not looked for here. Nor are names beyond those that the bits are for. */
        if (index >= 64 || *seen >> index & 1)
            return false;
        *seen |= UINT64_C(1) << index;
        if (number == NULL)
            return true;
        r->row->signals[index] = number->value;
        return number->exact;
    }
    return true;
}

static bool read_signals(reading *r)
{
    uint8_t *name = r->arena + r->used;
    uint64_t seen = 0;
    int64_t count = 0;
    if (peek(&r->c) == 'n')
        return read_literal(&r->c, "null", 4);
    if (!take(&r->c, '{'))
        return false;
    if (take(&r->c, '}'))
        return true;
    do {
        json_number number;
        int64_t continuations, length = read_string(&r->c, name, &continuations);
        bool absent;
        if (length < 1 || length > r->limits->signal_name || ++count > r->limits->signals || !take(&r->c, ':'))
            return false;
        absent = peek(&r->c) == 'n';
        if (absent ? !read_literal(&r->c, "null", 4) : !read_number(&r->c, &number))
            return false;
        if (!keep_signal(r, name, length, &seen, absent ? NULL : &number))
            return false;
    } while (take(&r->c, ','));
    return take(&r->c, '}');
}

/* Read a member of the data, or of the envelope other than the data. */
static bool read_member(reading *r, int member)
{
    uint8_t *out = r->arena + r->used;
    int64_t continuations, length;
    if (member == UNKNOWN)
        return skip_value(&r->c, out);
    if (r->seen & BIT(member))
        return false;
    r->seen |= BIT(member);
    if (member < FIELDS)
        return read_field(r, member);
    if (member == SEEN_SIGNALS)
        return read_signals(r);
    if (member != SEEN_SPECVERSION && member != SEEN_TYPE && peek(&r->c) == 'n')
        return read_literal(&r->c, "null", 4);
    if (member == SEEN_DATA_BASE64)
        return false;
    length = read_string(&r->c, out, &continuations);
    if (length < 0)
        return false;
    if (member == SEEN_SPECVERSION)
        return length == 3 && memcmp(out, "1.0", 3) == 0;
    if (member == SEEN_DATACONTENTTYPE)
        return length == 16 && memcmp(out, "application/json", 16) == 0;
    *r->row->type = (int8_t)type_of(out, length);
    return *r->row->type >= 0;
}

static bool read_data(reading *r)
{
    if (r->seen & BIT(SEEN_DATA) || !take(&r->c, '{'))
        return false;
    r->seen |= BIT(SEEN_DATA);
    if (take(&r->c, '}'))
        return true;
    do {
        uint8_t *name = r->arena + r->used;
        int64_t continuations, length = read_string(&r->c, name, &continuations);
        if (length < 0 || !take(&r->c, ':') || !read_member(r, member_of_data(name, length)))
            return false;
    } while (take(&r->c, ','));
    return take(&r->c, '}');
}

static bool read_envelope(reading *r)
{
    if (!take(&r->c, '{'))
        return false;
    do {
        uint8_t *name = r->arena + r->used;
        int64_t continuations, length = read_string(&r->c, name, &continuations);
        int member;
        if (length < 0 || !take(&r->c, ':'))
            return false;
        member = member_of_envelope(name, length);
        if (member == SEEN_DATA ? !read_data(r) : !read_member(r, member))
            return false;
    } while (take(&r->c, ','));
    return take(&r->c, '}') && peek(&r->c) == 0 && r->c.at == r->c.end;
}

static void clear_row(const event_row *row, size_t signals)
{
    *row->type = -1;
    *row->text_points = -1;
    for (int field = 0; field < FIELDS; field++) {
        row->begins[field] = 0;
        row->lengths[field] = -1;
    }
    for (size_t index = 0; index < signals; index++)
        row->signals[index] = NAN;
}

int read_event(const uint8_t *value, int64_t length, const event_limits *limits, const signal_names *wanted,
               uint8_t *arena, int64_t *used, const event_row *row)
{
    reading r = {{value, value + length}, limits, wanted, arena, *used, row, 0};
    clear_row(row, wanted->count);
    if (length <= limits->record && read_envelope(&r) && (r.seen & REQUIRED) == REQUIRED &&
        (row->lengths[FIELD_TEXT] >= 0 || *row->type == TYPE_DELETED)) {
        *used = r.used;
        return 1;
    }
    /* Nothing of an event that was not read to its end is to be seen. */
    clear_row(row, wanted->count);
    return 0;
}
