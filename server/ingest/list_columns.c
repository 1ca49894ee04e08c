// list_columns.c: what the columns of the other kinds of lists are called, in the languages of the pages. Folded: see ingest_fold.
#include <stddef.h>
#include <string.h>

#include "ingest/ingest.h"

#define HEADINGS(...)                                                                                                                      \
	(const char *const[])                                                                                                                  \
	{                                                                                                                                      \
		__VA_ARGS__, NULL                                                                                                                  \
	}

// The same wherever they stand. An id is ours: a number of somebody else's goes into external_id.
#define ID                                                                                                                                 \
	{                                                                                                                                      \
		"id", HEADINGS("id", "identyfikator", "tunniste")                                                                                  \
	}
#define EXTERNAL_ID                                                                                                                        \
	{                                                                                                                                      \
		"external_id", HEADINGS("external id", "id zewnetrzne", "identyfikator zewnetrzny", "numer zewnetrzny", "kod", "external number",  \
		                   "external key", "ulkoinen tunniste", "ulkoinen id", "koodi")                                                    \
	}
#define FIRST_NAME                                                                                                                         \
	{                                                                                                                                      \
		"first_name", HEADINGS("imie", "imiona", "first name", "firstname", "given name", "forename", "etunimi", "etunimet")               \
	}
#define LAST_NAME                                                                                                                          \
	{                                                                                                                                      \
		"last_name", HEADINGS("nazwisko", "last name", "lastname", "surname", "family name", "sukunimi")                                   \
	}
#define EMAIL                                                                                                                              \
	{                                                                                                                                      \
		"email", HEADINGS("e mail", "email", "mail", "adres e mail", "adres email", "adres mailowy", "adres poczty elektronicznej",        \
		             "poczta elektroniczna", "poczta", "e mail address", "email address", "mail address", "user email",                    \
		             "participant email", "sahkoposti", "sahkopostiosoite", "s posti", "meili")                                            \
	}
#define ORGANISATION                                                                                                                       \
	{                                                                                                                                      \
		"organisation", HEADINGS("organizacja", "instytucja", "firma", "nazwa firmy", "nazwa instytucji", "nazwa organizacji", "podmiot",  \
		                    "jednostka", "gmina", "urzad", "pracodawca", "organisation", "organization", "company", "institution",         \
		                    "employer", "affiliation", "organisaatio", "yritys", "laitos", "tyonantaja", "yhteiso")                        \
	}
#define NOTE                                                                                                                               \
	{                                                                                                                                      \
		"note", HEADINGS("uwagi", "uwaga", "notatka", "notatki", "komentarz", "note", "notes", "remarks", "remark", "comment", "comments", \
		            "huomautus", "huomautukset", "huomio", "lisatiedot")                                                                   \
	}
#define PERSON_NAME                                                                                                                        \
	"imie i nazwisko", "nazwisko i imie", "imie nazwisko", "nazwisko imie", "imiona i nazwisko", "uczestnik", "osoba", "full name",        \
	    "display name", "person", "attendee", "participant", "nimi", "koko nimi", "osallistuja", "henkilo"
#define DATE                                                                                                                               \
	{                                                                                                                                      \
		"date", HEADINGS("data", "dzien", "date", "day", "paiva", "paivamaara", "pvm")                                                     \
	}

static const struct ingest_field people[] = {
    {"name", HEADINGS("name", PERSON_NAME)},
    FIRST_NAME,
    LAST_NAME,
    {"sort_name", HEADINGS("sort name", "nazwa do sortowania", "porzadek alfabetyczny", "w kolejnosci alfabetycznej", "sorted as",
                      "aakkostusnimi", "lajittelunimi")},
    EMAIL,
    {"phone", HEADINGS("telefon", "tel", "nr telefonu", "numer telefonu", "nr tel", "telefon komorkowy", "komorka", "phone", "phone number",
                  "telephone", "mobile", "mobile phone", "cell", "puhelin", "puhelinnumero", "puh", "matkapuhelin", "gsm")},
    {"position", HEADINGS("stanowisko", "funkcja", "stanowisko sluzbowe", "rola", "position", "job title", "title", "role", "function",
                     "tehtava", "asema", "titteli", "tehtavanimike", "rooli")},
    ORGANISATION,
    {"language", HEADINGS("jezyk", "language", "lang", "kieli")},
    NOTE,
    EXTERNAL_ID,
    ID,
    {NULL, NULL},
};

static const struct ingest_field organisations[] = {
    {"name", HEADINGS("name", "nazwa", "organizacja", "instytucja", "firma", "podmiot", "jednostka", "gmina", "nazwa firmy",
                 "nazwa instytucji", "nazwa organizacji", "organisation name", "organisation", "organization", "company", "institution",
                 "nimi", "organisaatio", "yritys", "yhteiso")},
    {"short_name", HEADINGS("short name", "skrot", "nazwa skrocona", "skrocona nazwa", "abbreviation", "lyhenne", "lyhyt nimi")},
    {"kind", HEADINGS("kind", "rodzaj", "typ", "rodzaj organizacji", "type", "laji", "tyyppi")},
    {"affiliation", HEADINGS("affiliation", "czlonkostwo", "przynaleznosc", "powiazanie", "membership", "jasenyys", "suhde")},
    {"parent", HEADINGS("parent", "jednostka nadrzedna", "nadrzedna", "organizacja nadrzedna", "parent organisation", "emo organisaatio",
                   "ylaorganisaatio", "emo")},
    {"city", HEADINGS("city", "miasto", "miejscowosc", "town", "kaupunki", "paikkakunta")},
    {"website",
        HEADINGS("website", "strona", "strona internetowa", "strona www", "www", "web", "url", "verkkosivu", "verkkosivusto", "kotisivu")},
    NOTE,
    EXTERNAL_ID,
    ID,
    {NULL, NULL},
};

static const struct ingest_field groups[] = {
    {"group", HEADINGS("group", "grupa", "nazwa grupy", "group name", "ryhma", "ryhman nimi", "name", "nazwa")},
    {"description", HEADINGS("description", "opis", "opis grupy", "kuvaus")},
    {"name", HEADINGS("name", "member", "czlonek", "czlonek grupy", "jasen", PERSON_NAME)},
    FIRST_NAME,
    LAST_NAME,
    EMAIL,
    ORGANISATION,
    EXTERNAL_ID,
    {NULL, NULL},
};

static const struct ingest_field agenda[] = {
    {"title", HEADINGS("title", "tytul", "temat", "punkt", "punkt programu", "nazwa", "name", "topic", "subject", "item", "otsikko", "aihe",
                  "kohta")},
    DATE,
    {"start", HEADINGS("start", "poczatek", "od", "od godziny", "rozpoczecie", "godzina", "czas", "godzina rozpoczecia", "starts at",
                  "begins at", "begin", "from", "time", "alku", "alkaa", "klo", "kello", "aika")},
    {"end", HEADINGS("end", "koniec", "do", "do godziny", "zakonczenie", "godzina zakonczenia", "ends at", "finishes at", "to", "until",
                "loppu", "paattyy", "loppuu")},
    {"duration", HEADINGS("duration", "duration minutes", "czas trwania", "trwa", "minuty", "czas trwania min", "minutes", "length",
                     "kesto", "kesto min", "minuutit")},
    {"kind", HEADINGS("kind", "rodzaj", "typ", "type", "laji", "tyyppi")},
    {"abstract", HEADINGS("abstract", "opis", "streszczenie", "description", "summary", "kuvaus", "tiivistelma")},
    {"speakers", HEADINGS("speakers", "speaker", "prelegent", "prelegenci", "mowca", "mowcy", "prowadzacy", "wystepujacy", "referent",
                     "presenter", "presenters", "puhuja", "puhujat", "esittaja", "esiintyjat")},
    ID,
    {NULL, NULL},
};

static const struct ingest_field attendance[] = {
    {"name", HEADINGS("name", "name original name", "user name", "nazwa uzytkownika", PERSON_NAME)},
    FIRST_NAME,
    LAST_NAME,
    EMAIL,
    ORGANISATION,
    DATE,
    {"join", HEADINGS("join", "join time", "joined", "joined at", "first join", "arrived at", "arrival", "wejscie", "dolaczenie",
                 "godzina dolaczenia", "czas dolaczenia", "przyjscie", "przybycie", "liittyi", "liittymisaika", "saapui", "saapuminen",
                 "saapumisaika")},
    {"leave", HEADINGS("leave", "leave time", "left", "left at", "last leave", "departure", "wyjscie", "opuszczenie", "godzina wyjscia",
                  "czas opuszczenia", "poistui", "poistumisaika", "lahti", "lahto")},
    {"state", HEADINGS("state", "attendance", "status", "obecnosc", "obecny", "stan", "present", "lasnaolo", "lasna", "tila")},
    NOTE,
    {NULL, NULL},
};

const struct ingest_field *ingest_fields(const char *kind)
{
	static const struct {
		const char *kind;
		const struct ingest_field *fields;
	} kinds[] = {{"invitations", ingest_people}, {"people", people}, {"organisations", organisations}, {"groups", groups},
	    {"agenda", agenda}, {"attendance", attendance}};
	for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].kind, kind))
			return kinds[i].fields;
	return ingest_people;
}
