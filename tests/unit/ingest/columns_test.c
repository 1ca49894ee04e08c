// columns_test.c: which column holds what.
#include "read.h"

static void assert_columns(const char *text, bool has_header, const char *json)
{
	struct reading reading = read_list(text, strlen(text));
	assert_true(reading.read);
	assert_int_equal(ingest_has_header(&reading.table, ingest_people), has_header);
	struct buffer out;
	buffer_init(&out, reading.arena);
	const char **mapping = ingest_mapping(&reading.table, ingest_people, has_header, reading.arena);
	ingest_json_texts(&out, mapping, reading.table.columns);
	assert_string_equal(out.data, json);
	arena_free(reading.arena);
}

static void test_headings(void **state)
{
	(void)state;
	assert_columns("Imię i nazwisko;E-mail;Telefon;Stanowisko;Instytucja;Uwagi;Rozmiar buta\nA B;a@x.pl", true,
	    "[\"name\",\"email\",\"phone\",\"position\",\"organisation\",\"note\",\"ignore\"]");
	assert_columns(
	    "IMIĘ;NAZWISKO;Adres e-mail służbowy;tel. kontaktowy\nA;B;a@x.pl;1", true, "[\"first_name\",\"last_name\",\"email\",\"phone\"]");
	assert_columns("First name,Last name,Company,Job title,Email address,Language\nA,B,C,D,a@x.pl,pl", true,
	    "[\"first_name\",\"last_name\",\"organisation\",\"position\",\"email\",\"language\"]");
	assert_columns("Etunimi;Sukunimi;Sähköposti;Puhelin;Organisaatio;Kieli\nA;B;a@x.fi;1;C;fi", true,
	    "[\"first_name\",\"last_name\",\"email\",\"phone\",\"organisation\",\"language\"]");
	assert_columns("\u00a0Na\u200bme ;E-Mail:\nA;a@x.pl", true, "[\"name\",\"email\"]");
}

static void test_no_field_twice(void **state)
{
	(void)state;
	assert_columns("E-mail;E-mail;Nimi\na@x.pl;b@x.pl;A", true, "[\"email\",\"ignore\",\"name\"]");
	assert_columns("Telefon domowy;Telefon\n1;2", true, "[\"ignore\",\"phone\"]");
}

static void test_by_content(void **state)
{
	(void)state;
	assert_columns("Jan Kowalski;jan@x.pl;600\nOla;ola@x.pl;700", false, "[\"name\",\"email\",\"ignore\"]");
	assert_columns("Jan Kowalski <jan@x.pl>; ola@x.pl", false, "[\"name\",\"email\"]");
	assert_columns("Nazwisko;Kontakt\nA;a@x.pl", true, "[\"last_name\",\"email\"]");
	assert_columns("jeden;dwa\n1;2", false, "[\"name\",\"ignore\"]");
}

static void test_fold(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(ingest_fold(arena, "  E-mail służbowy: "), "e mail sluzbowy");
	assert_string_equal(ingest_fold(arena, "SÄHKÖPOSTI\ufeff"), "sahkoposti");
	assert_string_equal(ingest_fold(arena, "Imie\u0328"), "imie");
	assert_string_equal(ingest_fold(arena, "…"), "");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_headings),
	    cmocka_unit_test(test_no_field_twice),
	    cmocka_unit_test(test_by_content),
	    cmocka_unit_test(test_fold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
