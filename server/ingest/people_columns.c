// people_columns.c: what the columns of a list of people are called, in the languages of the pages. Folded: see ingest_fold.
#include <stddef.h>

#include "ingest/ingest.h"

#define HEADINGS(...)                                                                                                                      \
	(const char *const[])                                                                                                                  \
	{                                                                                                                                      \
		__VA_ARGS__, NULL                                                                                                                  \
	}

const struct ingest_field ingest_people[] = {
    {"name", HEADINGS("imie i nazwisko", "nazwisko i imie", "imie nazwisko", "nazwisko imie", "imiona i nazwisko", "uczestnik", "osoba",
                 "zaproszony", "name", "full name", "display name", "person", "attendee", "participant", "invitee", "nimi", "koko nimi",
                 "osallistuja", "henkilo")},
    {"first_name", HEADINGS("imie", "imiona", "first name", "firstname", "given name", "forename", "etunimi", "etunimet")},
    {"last_name", HEADINGS("nazwisko", "last name", "lastname", "surname", "family name", "sukunimi")},
    {"email", HEADINGS("e mail", "email", "mail", "adres e mail", "adres email", "adres mailowy", "adres poczty elektronicznej",
                  "poczta elektroniczna", "poczta", "e mail address", "email address", "mail address", "sahkoposti", "sahkopostiosoite",
                  "s posti", "meili")},
    {"phone", HEADINGS("telefon", "tel", "nr telefonu", "numer telefonu", "nr tel", "telefon komorkowy", "komorka", "phone", "phone number",
                  "telephone", "mobile", "mobile phone", "cell", "puhelin", "puhelinnumero", "puh", "matkapuhelin", "gsm")},
    {"position", HEADINGS("stanowisko", "funkcja", "stanowisko sluzbowe", "rola", "position", "job title", "title", "role", "function",
                     "tehtava", "asema", "titteli", "tehtavanimike", "rooli")},
    {"organisation", HEADINGS("organizacja", "instytucja", "firma", "nazwa firmy", "nazwa instytucji", "nazwa organizacji", "podmiot",
                         "jednostka", "gmina", "urzad", "pracodawca", "organisation", "organization", "company", "institution", "employer",
                         "affiliation", "organisaatio", "yritys", "laitos", "tyonantaja", "yhteiso")},
    {"language", HEADINGS("jezyk", "language", "lang", "kieli")},
    {"note", HEADINGS("uwagi", "uwaga", "notatka", "notatki", "komentarz", "note", "notes", "remarks", "remark", "comment", "comments",
                 "huomautus", "huomautukset", "huomio", "lisatiedot")},
    {NULL, NULL},
};
