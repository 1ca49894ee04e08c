// contract.h: the OpenAPI documents, compiled: which operation a request is, and what it brought.
//
// Room rules: uses base/ (and jansson, ICU, libsodium's base64). Knows nothing of databases, sockets or pages. The tables come from
// tools/compile_contract.py (contract_tables.c); everything in them is static const. Nothing is parsed at run time that the build could
// decide.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

struct arena;
struct db_statement; // db/db.h; only pointed at
struct db_registry;
struct plan; // api/plan.h

enum contract_role { ROLE_PUBLIC, ROLE_SESSION, ROLE_INVITEE, ROLE_REGISTRANT, ROLE_VIEWER, ROLE_ASSISTANT, ROLE_ORGANISER, ROLE_OWNER };
const char *contract_role_name(enum contract_role role); // "public", …
bool contract_by_link(enum contract_role role);          // the link in the path is the only credential: invitee, registrant

// Representations, in the order of preference when the client has none.
enum contract_form {
	FORM_JSON = 1,
	FORM_HTML = 2,
	FORM_CSV = 4,
	FORM_ICS = 8,
	FORM_XLSX = 16,
	FORM_VCF = 32,
	FORM_PDF = 64,
	FORM_SVG = 128,
	FORM_PNG = 256,
	FORM_ZIP = 512,
	FORM_EVENTS = 1024,
	FORM_BYTES = 2048 // a file as somebody put it here
};

enum { CONTRACT_MEDIA = 12 };
enum { CONTRACT_PAPER_ROWS = 5000 }; // a list as PDF has at most so many rows; as a file for a spreadsheet it is whole

struct contract_medium {
	enum contract_form form;
	const char *suffix; // ".csv"; NULL: by Accept only
	const char *type, *subtype;
};
extern const struct contract_medium contract_media[CONTRACT_MEDIA];
const struct contract_medium *contract_medium_of(enum contract_form form);
const struct contract_medium *contract_medium_by_suffix(const char *suffix); // NULL: none has it

enum contract_type {
	TYPE_ANY,
	TYPE_STRING = 1,
	TYPE_INTEGER = 2,
	TYPE_NUMBER = 4,
	TYPE_BOOLEAN = 8,
	TYPE_OBJECT = 16,
	TYPE_ARRAY = 32,
	TYPE_NULL = 64
};
enum contract_format {
	FORMAT_NONE,
	FORMAT_DATE_TIME,
	FORMAT_DATE,
	FORMAT_EMAIL,
	FORMAT_URI,
	FORMAT_UUID,
	FORMAT_TIME_ZONE,
	FORMAT_LANGUAGE
};

struct contract_property;

// One JSON schema, the keywords we implement; the compiler refuses others. Lengths are in characters (code points after NFC).
struct contract_schema {
	unsigned types; // TYPE_… bits; 0 is any
	enum contract_format format;
	const char *pattern;         // anchored ICU regular expression, or NULL
	const char *const *choices;  // enum, NULL-terminated, or NULL
	long min_length, max_length; // -1: none
	long min_items, max_items;
	bool has_minimum, has_maximum;
	double minimum, maximum;
	const char *preset; // `default` as text, or NULL
	bool multiline;     // x-multiline: \n may stand in it
	bool closed;        // additionalProperties: false
	int properties;
	const struct contract_property *property;
	const struct contract_schema *items;
	// oneOf for bodies: exactly one of these closed objects, told apart by their required members
	const struct contract_schema *const *one_of; // NULL-terminated, or NULL
};

struct contract_property {
	const char *name;
	bool required;
	const struct contract_schema *schema;
};

struct contract_parameter {
	const char *name;
	enum { IN_PATH, IN_QUERY, IN_HEADER } in;
	bool required;
	const struct contract_schema *schema;
};

// Where a statement's parameter comes from.
enum contract_source {
	FROM_PATH,
	FROM_QUERY, // index: of the operation's path or query parameters
	FROM_BODY,
	FROM_PRESENT, // index: of the body schema's property
	FROM_BODY_ALL,
	FROM_IF_MATCH,
	FROM_REQUEST_PATH,
	FROM_REQUEST_ID,
	FROM_LANGUAGE,
	FROM_EXTRA, // index: of the operation's x-extra
};
struct contract_binding {
	enum contract_source source;
	int index;
};

enum contract_shape { SHAPE_ONE, SHAPE_MAYBE, SHAPE_MANY, SHAPE_EXEC };

struct contract_step { // one statement of an operation
	const struct db_statement *statement;
	const char *part; // NULL: the main one
	enum contract_shape shape;
	unsigned when;                          // FORM_… bits; 0: always
	const struct contract_binding *binding; // one per parameter of the statement
};

struct contract_operation {
	const char *id, *method, *path; // path as in the document, "/platforms/{platform}"
	int status;                     // of success: 200, 201, 204
	enum contract_role role;
	unsigned forms;   // FORM_… bits it answers with
	const char *page; // template, or NULL
	const struct contract_operation *form_page;
	const char *location; // template of Location, or NULL
	bool audit;
	bool takes_if_match;                                     // requires If-Match (428)
	bool (*handler)(struct plan *plan, struct problem *why); // or NULL
	int path_parameters, query_parameters;
	const struct contract_parameter *path_parameter, *query_parameter;
	const struct contract_schema *body; // NULL: none
	bool body_required;
	bool merge_patch;         // body is application/merge-patch+json
	const char *const *files; // media types of bodies that go to the handler as they are, NULL-terminated; NULL: none
	long max_body;            // bytes; 0: as every operation's
	int steps;
	const struct contract_step *step;
	int extras;
	const char *const *extra;
};

// Made by the compiler.
extern const struct contract_operation contract_operations[];
extern const int contract_operation_count;
extern const struct db_registry contract_registry; // all statements, numbered
// A statement by its name ("get_meeting.agenda", or "enter" under an `internal` heading); NULL if there is none.
const struct db_statement *contract_statement(const char *name);
extern const char contract_document[]; // the merged OpenAPI document as JSON
extern const size_t contract_document_length;

struct contract_match {
	const struct contract_operation *operation;
	const char **path_value; // decoded, in the operation's order
	unsigned form;           // FORM_… by suffix, or 0
	bool head;
	const char *allow; // for OPTIONS (operation is then NULL) and 405
};

// Which operation `method path` is. `path` is still percent-encoded. HEAD matches GET. Refuses: 404, 405 with `allow`.
bool contract_route(struct contract_match *match, const char *method, const char *path, struct arena *arena, struct problem *why);

// Picks the representation from Accept (NULL: */*) among the operation's forms; a suffix wins. Refuses: 406.
bool contract_negotiate(const struct contract_match *match, const char *accept, enum contract_form *form, struct problem *why);

// A body that is a file, or the file among a form's fields (multipart/form-data).
struct contract_file {
	const char *name; // as its sender calls it, without directories; NULL if it has none
	const char *bytes;
	size_t length;
};

struct contract_input {
	const struct contract_operation *operation;
	const char **path;  // text, never NULL
	const char **query; // text or NULL; defaults filled in; `after` decoded
	const char **body;  // per property: text, JSON text for objects and arrays, NULL for null and absent
	bool *present;      // per property
	json_t *json;       // the whole body, or NULL (arena-deferred)
	const char *body_text;
	const char *if_match;      // the version, decimal, or NULL
	struct contract_file file; // bytes NULL: none was sent. Then the body's members are not required
	const char **extra;        // per x-extra; filled by the handler
	bool from_form;            // body came urlencoded
	// reserved form fields, or NULL
	const char *form_return, *form_token;
	const struct contract_typed *typed; // what was typed, to fill a form again (names and raw values)
};
struct contract_typed {
	const char *name, *value;
	const struct contract_typed *next;
};

struct contract_request {     // what contract_check looks at
	const char *query;        // as sent
	const char *content_type; // or NULL
	const char *if_match;     // header, or NULL
	const char *body;
	size_t body_length;
};

// A browser form may override POST: the method in a urlencoded body's `_method` (PATCH, PUT, DELETE), else NULL. Look before routing.
const char *contract_method_override(const char *method, const char *content_type, const char *body, size_t length, struct arena *arena);

// Codes of a field's fault (each is translated as `problem.<code>`): required, not_null, wrong_type, too_short, too_long, too_small,
// too_big, too_few, too_many, not_a_choice, bad_pattern, bad_date_time, bad_date, bad_email, bad_uri, bad_uuid, bad_time_zone,
// bad_language, unknown_member, unknown_parameter, repeated, control_character, nonexistent_local_time, ambiguous_local_time. One a field,
// a hundred a request. Codes of a 400: bad_json, json_too_deep, json_too_big, not_an_object, no_body, bad_form, bad_query, bad_path,
// bad_cursor, bad_if_match.
//
// Validates everything and reports all errors at once. Refuses 400 (syntax), 415, 422 (fields), 428, and fills `input`. `input->typed` is
// filled even on refusal.
bool contract_check(struct contract_input *input, const struct contract_match *match, const struct contract_request *request,
    struct arena *arena, struct problem *why);

// The text for one binding (NULL is SQL's NULL). `request_path`, `request_id`, `language` from the caller.
struct contract_surroundings {
	const char *request_path, *request_id, *language;
};
const char *contract_bind(const struct contract_input *input, const struct contract_binding *binding,
    const struct contract_surroundings *around, struct arena *arena);

// Opaque list cursor: base64url of a seal and the JSON array's text. `list` is the operation that it goes on with.
char *contract_cursor(struct arena *arena, const char *list, const char *json);

// Percent-decoding ('+' stays unless form). NULL for bad escapes, NUL or invalid UTF-8.
char *contract_decode(struct arena *arena, const char *text, size_t length, bool form);
char *contract_encode(struct arena *arena, const char *text); // for one path segment or query value
// Whether a browser that is sent there stays with us: what a form or a link says about where to go on is not to be trusted.
bool contract_is_own_path(const char *path);
