// media.c: the representations by name: what the contract, paths and clients call each.
#include "contract/contract.h"

#include <string.h>

const struct contract_medium contract_media[CONTRACT_MEDIA] = {
    {FORM_JSON, ".json", "application", "json"},
    {FORM_HTML, ".html", "text", "html"},
    {FORM_CSV, ".csv", "text", "csv"},
    {FORM_XLSX, ".xlsx", "application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {FORM_ICS, ".ics", "text", "calendar"},
    {FORM_VCF, ".vcf", "text", "vcard"},
    {FORM_PDF, ".pdf", "application", "pdf"},
    {FORM_SVG, ".svg", "image", "svg+xml"},
    {FORM_PNG, ".png", "image", "png"},
    {FORM_ZIP, ".zip", "application", "zip"},
    {FORM_EVENTS, NULL, "text", "event-stream"},
    {FORM_BYTES, NULL, "application", "octet-stream"},
};

const struct contract_medium *contract_medium_of(enum contract_form form)
{
	for (int i = 0; i < CONTRACT_MEDIA; i++)
		if (contract_media[i].form == form)
			return &contract_media[i];
	return &contract_media[0];
}

const struct contract_medium *contract_medium_by_suffix(const char *suffix)
{
	for (int i = 0; i < CONTRACT_MEDIA; i++)
		if (contract_media[i].suffix && !strcmp(suffix, contract_media[i].suffix))
			return &contract_media[i];
	return NULL;
}
