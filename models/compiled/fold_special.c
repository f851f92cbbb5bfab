/* Finds what is a piece of its own in a token: links, addresses, mentions, numbers, flags, emoji and white space.
 *
 * The leftmost piece, and of those that begin at one place the first in the order of models/folding/token.py. Each
 * of its expressions is matched in one pass: what follows a choice always leaves one way only that can succeed. */
#include "fold_inside.h"

#include <string.h>

#define MOST_LABELS 8
#define LONGEST_LABEL 63
#define LONGEST_LOCAL 64
#define LONGEST_DOMAIN 6

typedef struct {
    const uint32_t *at;
    size_t length;
} Text;

/* Domains that are no English words stand alone; others need a path behind them. */
static const char *const DOMAINS[] = {"com", "net", "org", "info", "biz", "edu",    "gov",  "ru",   "de",  "uk",  "fr",
                                      "nl",  "pl",  "cn",  "jp",   "br",  "xyz",    "io",   "tv",   "cc",  "ly",  "eu",
                                      "online", "site", "shop", "app", "dev", "link", "click", NULL};
static const char *const SHORT_DOMAINS[] = {"co", "be", "me", "gl", "gg", "us", "it", "to",  "in",   "id",  "is",  "sh",
                                            "st", "am", "fm", "la", "ws", "top", "club", "vip", "win", "live", NULL};
static const char *const LINKS[] = {"url", "link", "http", "https", NULL};
static const char *const MAILS[] = {"mail", "email", NULL};
static const char *const MENTIONS[] = {"user", "username", "mention", "name", "person", NULL};
static const char *const NUMBERS[] = {"number", "phone", "money", "date", "time", "percent", "decimal", NULL};

/* The character at a place; none is 0, which is in no class. */
static inline uint32_t at(Text text, size_t place) { return place < text.length ? text.at[place] : 0; }
static inline uint32_t class_at(Text text, size_t place) { return class_of(at(text, place)); }
static inline uint32_t before(Text text, size_t place) { return place ? text.at[place - 1] : 0; }

static inline int is_lettered(uint32_t point) { return (class_of(point) & (ASCII_LETTER | ASCII_DIGIT)) != 0; }

static int says(Text text, size_t place, const char *word) {
    for (; *word; word++, place++)
        if (at(text, place) != (uint32_t)(unsigned char)*word) return 0;
    return 1;
}

static int is_one_of(Text text, size_t start, size_t end, const char *const *words) {
    for (; *words; words++)
        if ((*words)[0] == (char)text.at[start] && strlen(*words) == end - start && says(text, start, *words)) return 1;
    return 0;
}

/* The end of characters of a class from a place on. */
static size_t past(Text text, size_t place, uint32_t class) {
    while (class_at(text, place) & class) place++;
    return place;
}

/* Each matcher gives the end of what begins at a place, or 0. */

static size_t address(Text text, size_t start) {
    if (says(text, start, "www.")) {
        size_t end = past(text, start + 4, ASCII_VISIBLE);
        return end > start + 4 ? end : 0;
    }
    if (!says(text, start, "http") && !says(text, start, "hxxp")) return 0;
    size_t place = start + 4 + (at(text, start + 4) == 's');
    if (at(text, place) == ':') return past(text, place + 1, ASCII_VISIBLE);
    if (at(text, place) != '.' || at(text, place + 1) != '.') return 0;
    while (at(text, place) == '.') place++;
    return place;
}

/* A host, and the path behind it: as many labels as can be before its domain, up to eight. */
static size_t host(Text text, size_t start) {
    size_t domains[MOST_LABELS], count = 0;
    for (size_t place = start; count < MOST_LABELS && is_lettered(at(text, place));) {
        size_t end = place + 1;
        while (end - place <= LONGEST_LABEL && (class_at(text, end) & ASCII_LABEL)) end++;
        if (end - place > LONGEST_LABEL || at(text, end) != '.') break;
        domains[count++] = place = end + 1;
    }
    if (!count) return 0;
    size_t run = past(text, domains[count - 1], ASCII_HOST), last = run;
    while (last > start && !is_lettered(text.at[last - 1])) last--;
    while (count--) {
        size_t place = domains[count], end = place;
        while (end - place <= LONGEST_DOMAIN && (class_at(text, end) & ASCII_LETTER)) end++;
        if (end - place < 2 || end - place > LONGEST_DOMAIN) continue;
        if (last == end && is_one_of(text, place, end, DOMAINS)) {
            uint32_t next = at(text, end);
            return next == '/' || next == ':' || next == '?' || next == '#' ? past(text, end + 1, ASCII_VISIBLE) : end;
        }
        if (at(text, end) == '/' && (class_at(text, end + 1) & ASCII_VISIBLE) &&
            is_one_of(text, place, end, SHORT_DOMAINS))
            return past(text, end + 1, ASCII_VISIBLE);
    }
    return 0;
}

/* A word that stands for a link by itself. */
static size_t bare_link(Text text, size_t start) {
    if (says(text, start, "url")) return is_word(at(text, start + 3)) ? 0 : start + 3;
    if (!says(text, start, "http")) return 0;
    if (at(text, start + 4) == 's' && !is_word(at(text, start + 5))) return start + 5;
    if (says(text, start + 4, "url") && !is_word(at(text, start + 7))) return start + 7;
    return is_word(at(text, start + 4)) ? 0 : start + 4;
}

/* The domain of an address begins at a place: the last label but the first that can be a domain ends it. */
static size_t mail_domain(Text text, size_t start) {
    size_t end = 0, place = past(text, start, ASCII_LABEL);
    if (place == start) return 0;
    while (at(text, place) == '.' && (class_at(text, place + 1) & ASCII_LABEL)) {
        size_t letters = past(text, place + 1, ASCII_LETTER);
        if (letters - place > 2 && !is_lettered(at(text, letters))) end = letters;
        place = past(text, letters, ASCII_LABEL);
    }
    return end;
}

static size_t mail(Text text, size_t start) {
    size_t place = start;
    while (place - start <= LONGEST_LOCAL && (class_at(text, place) & ASCII_LOCAL)) place++;
    if (place - start > LONGEST_LOCAL || at(text, place) != '@') return 0;
    return mail_domain(text, place + 1);
}

static size_t mention(Text text, size_t start) {
    size_t place = start, name;
    while (at(text, place) == '@') place++;
    for (name = place; name < text.length && is_word(text.at[name]);) name++;
    return name - place >= 4 ? name : 0;
}

/* A name as Reddit has them. */
static size_t user(Text text, size_t start) {
    size_t place = start + (at(text, start) == '/'), name;
    if (at(text, place) != 'u' || at(text, place + 1) != '/') return 0;
    place += 2;
    for (name = place; name < text.length && (is_word(text.at[name]) || text.at[name] == '-');) name++;
    return name - place >= 3 ? name : 0;
}

static size_t number(Text text, size_t start) {
    size_t place = start, groups = 0;
    place += at(text, place) == '+';
    place += at(text, place) == '(';
    if (!(flags_of(at(text, place)) & DECIMAL)) return 0;
    for (place++;; groups++) {
        size_t next = place;
        while (next - place < 2 && (class_at(text, next) & ASCII_INSIDE_NUMBER)) next++;
        if (!(flags_of(at(text, next)) & DECIMAL)) break;
        place = next + 1;
    }
    return groups >= 4 ? place : 0;
}

/* A placeholder in brackets, as sets of texts have them. */
static Special placeholder(Text text, size_t start) {
    size_t end = start + 1;
    while (end - start < 12 && (class_at(text, end) & ASCII_LETTER)) end++;
    if (text.at[start] == '<' && end == start + 1 && at(text, end) == '#' && at(text, end + 1) == '>')
        return (Special){start, start + 3, NUMBER};
    Special found = {start, end + 1, NOTHING};
    if (end == start + 1 || (at(text, end) != '>' && at(text, end) != ']')) return found;
    if (is_one_of(text, start + 1, end, LINKS)) found.kind = LINK;
    else if (is_one_of(text, start + 1, end, MAILS)) found.kind = MAIL;
    else if (is_one_of(text, start + 1, end, MENTIONS)) found.kind = MENTION;
    else if (is_one_of(text, start + 1, end, NUMBERS)) found.kind = NUMBER;
    return found;
}

/* What begins with a character that local parts of addresses may hold. */
static Special from_local(Text text, size_t start) {
    uint32_t first = text.at[start], last = before(text, start);
    int lettered = is_lettered(first), in_word = is_word(last);
    size_t end = 0;
    if (lettered && !is_lettered(last)) {
        if ((first == 'h' || first == 'w') && (end = address(text, start))) return (Special){start, end, LINK};
        if (last != '@' && last != '.' && last != '_' && last != '-' && (end = host(text, start)))
            return (Special){start, end, LINK};
    }
    if ((first == 'h' || first == 'u') && !in_word && (end = bare_link(text, start))) return (Special){start, end, LINK};
    if (!(class_of(last) & ASCII_LOCAL) && (end = mail(text, start))) return (Special){start, end, MAIL};
    if (first == 'u' && !in_word && last != '/' && (end = user(text, start))) return (Special){start, end, MENTION};
    if ((first == '+' || (class_of(first) & ASCII_DIGIT)) && (end = number(text, start)))
        return (Special){start, end, NUMBER};
    return (Special){start, 0, NOTHING};
}

static Special gap(Text text, size_t start) {
    size_t end = start;
    while (end < text.length && (flags_of(text.at[end]) & SPACE)) end++;
    return (Special){start, end, GAP};
}

static Special from_ascii(Text text, size_t start) {
    uint32_t first = text.at[start], last = before(text, start);
    size_t end = 0;
    if (class_of(first) & ASCII_LOCAL) {
        /* Within a word nothing begins but numbers. */
        if (is_lettered(last) && (class_of(first) & ASCII_LETTER)) return (Special){start, 0, NOTHING};
        return from_local(text, start);
    }
    if (first == '<' || first == '[') return placeholder(text, start);
    if (first == '@' && last != '@' && !is_word(last) && (end = mention(text, start)))
        return (Special){start, end, MENTION};
    if (first == '/' && last != '/' && !is_word(last) && (end = user(text, start)))
        return (Special){start, end, MENTION};
    if (first == '(' && (end = number(text, start))) return (Special){start, end, NUMBER};
    return flags_of(first) & SPACE ? gap(text, start) : (Special){start, 0, NOTHING};
}

static Special from_other(Text text, size_t start) {
    uint32_t flags = flags_of(text.at[start]);
    size_t end = start;
    if (!(flags & (DECIMAL | FLAG | EMOJI | SPACE))) return (Special){start, 0, NOTHING};
    if ((flags & DECIMAL) && (end = number(text, start))) return (Special){start, end, NUMBER};
    if (flags & FLAG) {
        for (end = start; end < text.length && (flags_of(text.at[end]) & FLAG);) end++;
        return (Special){start, end, FLAGS};
    }
    if (flags & EMOJI) return (Special){start, start + 1, ONE_EMOJI};
    return flags & SPACE ? gap(text, start) : (Special){start, 0, NOTHING};
}

Special special_from(const uint32_t *letters, size_t length, size_t place) {
    Text text = {letters, length};
    for (; place < length; place++) {
        uint32_t first = letters[place];
        if (first < 128 && !(fold_classes[first] & ASCII_STARTS_SPECIAL)) continue;
        Special found = first < 128 ? from_ascii(text, place) : from_other(text, place);
        if (found.kind != NOTHING) return found;
    }
    return (Special){length, length, NOTHING};
}

const char *word_of_kind(SpecialKind kind) {
    switch (kind) {
    case LINK: return "_link_";
    case MAIL: return "_mail_";
    case MENTION: return "_mention_";
    case NUMBER: return "_number_";
    default: return NULL;
    }
}

int is_own_word(const uint32_t *letters, size_t length) {
    Text text = {letters, length};
    if (length < 6 || letters[0] != '_') return 0;
    for (SpecialKind kind = LINK; kind <= NUMBER; kind++)
        if (strlen(word_of_kind(kind)) == length && says(text, 0, word_of_kind(kind))) return 1;
    return 0;
}

const char *emoji_name(const uint32_t *sign, size_t length) {
    uint32_t place = 0;
    if (length == 1 && (flags_of(sign[0]) & EMOJI)) place = STAGED(fold_name, sign[0]);
    else if (length == 2 && sign[0] - 0x1f1e6 < 26 && sign[1] - 0x1f1e6 < 26)
        place = fold_flags[(sign[0] - 0x1f1e6) * 26 + (sign[1] - 0x1f1e6)];
    return place ? (const char *)fold_names + place : NULL;
}
