// workbook_test.c: workbooks as several programs write them, and those that nobody should open.
#include "read.h"

#include <stdlib.h>
#include <zip.h>

#define MAIN                       "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define TYPE                       "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define RELATIONS(list)            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" list "</Relationships>"
#define RELATION(id, type, target) "<Relationship Id=\"" id "\" Type=\"" TYPE type "\" Target=\"" target "\"/>"
#define WORKBOOK(inside)                                                                                                                   \
	"<workbook " MAIN " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">" inside "</workbook>"
#define SHEET(rows) "<worksheet " MAIN "><sheetData>" rows "</sheetData></worksheet>"

struct part {
	const char *path, *text;
	size_t repeat; // of the text's middle, for what grows when it is unpacked; 0: once
};

static struct reading read_parts(const struct part *part)
{
	zip_error_t error;
	zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
	zip_t *zip = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error);
	zip_source_keep(target);
	char *grown = NULL;
	for (; part->path; part++) {
		const char *text = part->text;
		if (part->repeat) {
			grown = calloc(part->repeat + 1, 1);
			memset(grown, ' ', part->repeat);
			memcpy(grown, text, strlen(text));
			text = grown;
		}
		zip_file_add(zip, part->path, zip_source_buffer(zip, text, part->repeat ? part->repeat : strlen(text), 0), 0);
	}
	assert_int_equal(zip_close(zip), 0);
	free(grown);
	zip_source_open(target);
	zip_source_seek(target, 0, SEEK_END);
	size_t length = (size_t)zip_source_tell(target);
	zip_source_seek(target, 0, SEEK_SET);
	char *bytes = malloc(length);
	zip_source_read(target, bytes, length);
	zip_source_close(target);
	zip_source_free(target);
	struct reading reading = {.arena = arena_new()};
	const void *kept = arena_slice(reading.arena, bytes, length);
	free(bytes);
	reading.read = ingest_read(&reading.table, kept, length, &(struct ingest_hints){0}, reading.arena, &reading.why);
	return reading;
}

static void assert_book(const struct part *part, const char *sheet, const char *json)
{
	struct reading reading = read_parts(part);
	assert_rows(&reading, json);
	assert_string_equal(reading.table.sheet, sheet);
	assert_int_equal(reading.table.format, INGEST_XLSX);
	assert_null(reading.table.encoding);
	arena_free(reading.arena);
}

static void test_strings_of_all_kinds(void **state)
{
	(void)state;
	assert_book(
	    (const struct part[]){{"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "/xl/workbook.xml"))},
	        {"xl/workbook.xml", WORKBOOK("<sheets><sheet name=\"Lista\" sheetId=\"1\" r:id=\"rId1\"/></sheets>")},
	        {"xl/_rels/workbook.xml.rels", RELATIONS(RELATION("rId1", "worksheet", "/xl/worksheets/sheet1.xml")
	                                               RELATION("rId2", "sharedStrings", "sharedStrings.xml"))},
	        {"xl/sharedStrings.xml", "<sst " MAIN "><si><t>Imi\u0119</t></si><si><r><t>Za</t></r><r><t "
	                                 "xml:space=\"preserve\">j\u0105c</t></r><rPh><t>x</t></rPh></si></sst>"},
	        {"xl/worksheets/sheet1.xml",
	            SHEET(
	                "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" "
	                "t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>"
	                "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c><c t=\"str\"><f>A1&amp;\"x\"</f><v>gotowe</v></c><c t=\"b\"><v>1</v></c>"
	                "<c t=\"e\"><v>#N/A</v></c><c t=\"str\"><v>x_x000A_y_x005F_</v></c><c t=\"s\"><v>99</v></c></row><row/>")},
	        {0}},
	    "Lista", "[[1,\"Imię\",\"\",\"ab\"],[3,\"Zając\",\"gotowe\",\"TRUE\",\"\",\"x\\ny_\"]]");
}

static void test_numbers_and_dates(void **state)
{
	(void)state;
	assert_book((const struct part[]){{"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "xl/workbook.xml"))},
	                {"xl/workbook.xml", WORKBOOK("<sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"a\"/></sheets>")},
	                {"xl/_rels/workbook.xml.rels",
	                    RELATIONS(RELATION("a", "worksheet", "worksheets/sheet1.xml") RELATION("b", "styles", "styles.xml"))},
	                {"xl/styles.xml", "<styleSheet " MAIN "><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd\\.mm\\.yyyy\\ hh:mm\"/>"
	                                  "<numFmt numFmtId=\"165\" formatCode=\"[Red]0.00&quot;dni&quot;\"/></numFmts><cellStyleXfs><xf "
	                                  "numFmtId=\"14\"/></cellStyleXfs>"
	                                  "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf "
	                                  "numFmtId=\"20\"/></cellXfs></styleSheet>"},
	                {"xl/worksheets/sheet1.xml", SHEET("<row><c><v>4.8600700800E10</v></c><c><v>48600700800</v></c><c><v>0.1</v></"
	                                                   "c><c><v>0.30000000000000004</v></c><c s=\"1\"><v>46350</v></c>"
	                                                   "<c s=\"2\"><v>46350.583333333336</v></c><c s=\"3\"><v>5</v></c><c "
	                                                   "s=\"4\"><v>0.5</v></c><c s=\"1\"><v>59</v></c><c s=\"1\"><v>61</v></c></row>")},
	                {0}},
	    "S",
	    "[[1,\"48600700800\",\"48600700800\",\"0.1\",\"0.3\",\"2026-11-24\",\"2026-11-24 "
	    "14:00\",\"5\",\"12:00\",\"1900-02-28\",\"1900-03-01\"]]");
}

static void test_days_from_1904(void **state)
{
	(void)state;
	assert_book(
	    (const struct part[]){{"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "xl/workbook.xml"))},
	        {"xl/workbook.xml", WORKBOOK("<workbookPr date1904=\"1\"/><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"a\"/></sheets>")},
	        {"xl/_rels/workbook.xml.rels",
	            RELATIONS(RELATION("a", "worksheet", "worksheets/sheet1.xml") RELATION("b", "styles", "styles.xml"))},
	        {"xl/styles.xml", "<styleSheet " MAIN "><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
	        {"xl/worksheets/sheet1.xml", SHEET("<row><c s=\"1\"><v>44888</v></c></row>")}, {0}},
	    "S", "[[1,\"2026-11-24\"]]");
}

static void test_what_is_hidden(void **state)
{
	(void)state;
	struct reading reading = read_parts((const struct part[]){{"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "book/w.xml"))},
	    {"book/w.xml", WORKBOOK("<sheets><sheet name=\"Ukryty\" sheetId=\"1\" state=\"veryHidden\" r:id=\"a\"/><sheet name=\"Lista\" "
	                            "sheetId=\"2\" r:id=\"b\"/></sheets>")},
	    {"book/_rels/w.xml.rels", RELATIONS(RELATION("a", "worksheet", "sheets/1.xml") RELATION("b", "worksheet", "../book/sheets/2.xml"))},
	    {"book/sheets/1.xml", SHEET("<row><c><v>1</v></c></row>")},
	    {"book/sheets/2.xml", SHEET("<row><c><v>2</v></c></row><row hidden=\"1\"><c><v>3</v></c></row><row><c><v>4</v></c></row>")}, {0}});
	assert_rows(&reading, "[[1,\"2\"],[3,\"4\"]]");
	assert_int_equal(reading.table.hidden_rows, 1);
	arena_free(reading.arena);
}

#define BEGINNING                                                                                                                          \
	{"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "xl/workbook.xml"))},                                                     \
	    {"xl/workbook.xml", WORKBOOK("<sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"a\"/></sheets>")},                                    \
	{                                                                                                                                      \
		"xl/_rels/workbook.xml.rels", RELATIONS(RELATION("a", "worksheet", "worksheets/sheet1.xml"))                                       \
	}

static void test_what_is_refused(void **state)
{
	(void)state;
	static const struct part bomb[] = {BEGINNING, {"xl/worksheets/sheet1.xml", "<worksheet>", 70 * 1024 * 1024}, {0}};
	static const struct part foreign[] = {BEGINNING,
	    {"xl/worksheets/sheet1.xml", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><worksheet><sheetData><row><c "
	                                 "t=\"str\"><v>&e;</v></c></row></sheetData></worksheet>"},
	    {0}};
	static const struct part half[] = {BEGINNING, {"xl/worksheets/sheet1.xml", "<worksheet><sheetData>"}, {0}};
	static const struct part missing[] = {BEGINNING, {0}};
	static const struct part empty[] = {BEGINNING, {"xl/worksheets/sheet1.xml", SHEET("")}, {0}};
	static const struct part letter[] = {
	    {"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "word/document.xml"))}, {"word/document.xml", "<x/>"}, {0}};
	static const struct part other[] = {{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {0}};
	static const struct part wide[] = {BEGINNING, {"xl/worksheets/sheet1.xml", SHEET("<row><c r=\"XFD1\"><v>1</v></c></row>")}, {0}};
	static const struct {
		const struct part *part;
		const char *code;
	} cases[] = {{bomb, "xlsx_too_large"}, {foreign, "xlsx_forbidden"}, {half, "xlsx_broken"}, {missing, "xlsx_broken"},
	    {empty, "list_empty"}, {letter, "xlsx_no_sheet"}, {other, "xlsx_no_sheet"}, {wide, "list_too_many_columns"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reading reading = read_parts(cases[i].part);
		assert_refused(&reading, cases[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_strings_of_all_kinds),
	    cmocka_unit_test(test_numbers_and_dates),
	    cmocka_unit_test(test_days_from_1904),
	    cmocka_unit_test(test_what_is_hidden),
	    cmocka_unit_test(test_what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
