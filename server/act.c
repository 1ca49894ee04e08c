// act.c: which statements a request runs, and whether they did what its contract says.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/rows.h"

bool act_handle(struct visit *visit)
{
	return visit->operation->handler == NULL || visit->operation->handler(&visit->plan, &visit->why) || limits_guessed(visit);
}

static void add_step(struct visit *visit, int number, struct contract_surroundings *around)
{
	const struct contract_step *step = &visit->operation->step[number];
	const char **values = arena_alloc(visit->arena, sizeof(const char *) * (size_t)step->statement->parameters);
	for (int i = 0; i < step->statement->parameters; i++) {
		if (step->binding[i].source == FROM_LANGUAGE && around->language == NULL)
			around->language = language_wanted(visit); // only here: choosing costs more than most look-ups
		values[i] = contract_bind(&visit->input, &step->binding[i], around, visit->arena);
	}
	visit->item[number] = db_add(&visit->batch, step->statement, values);
}

static bool applies(const struct visit *visit, const struct contract_step *step)
{
	return step->when == 0 || (step->when & visit->form) != 0;
}

void act_plan(struct visit *visit)
{
	struct contract_surroundings around = {.request_path = visit->request->path, .request_id = visit->request->id};
	visit->batch.writes = visit_changes(visit);
	access_enter(visit);
	int main_step = -1;
	const struct contract_step *streamed = sheets_streamed(visit) ? act_streamed(visit) : NULL;
	for (int i = 0; i < visit->operation->steps; i++) {
		const struct contract_step *step = &visit->operation->step[i];
		visit->item[i] = -1;
		// A file's rows come in pieces, from the last statement.
		if (streamed != NULL && step == streamed)
			main_step = i;
		else if (applies(visit, step) && (streamed == NULL || step->part != NULL))
			add_step(visit, i, &around);
	}
	if (main_step >= 0)
		add_step(visit, main_step, &around);
	if (visit->operation->audit && visit_changes(visit))
		access_audit(visit);
}

const struct contract_step *act_step(const struct visit *visit, const char *part)
{
	for (int i = 0; i < visit->operation->steps; i++) {
		const struct contract_step *step = &visit->operation->step[i];
		if (part == NULL ? step->part == NULL : step->part != NULL && strcmp(step->part, part) == 0)
			return step;
	}
	return NULL;
}

// Where a table needs other rows than JSON does, the operation has a part for it: `sheet`, for cards `card`. Else it is the main one.
const struct contract_step *act_streamed(const struct visit *visit)
{
	const struct contract_step *own = act_step(visit, visit->form == FORM_VCF ? "card" : "sheet");
	return own ? own : act_step(visit, NULL);
}

const struct rows *act_rows(const struct visit *visit, const char *part)
{
	const struct contract_step *step = act_step(visit, part);
	int item = step ? visit->item[step - visit->operation->step] : -1;
	return item >= 0 ? &visit->batch.item[item].rows : NULL;
}

const struct rows *act_entered(const struct visit *visit)
{
	return visit->batch.ok && visit->batch.count > 0 && visit->batch.item[0].rows.count == 1 ? &visit->batch.item[0].rows : NULL;
}

// A program that shows a token which is none must hear of it: what the public sees instead would look like an empty platform to it. A
// browser's old cookie only means that nobody is signed in.
static bool is_unknown_token(const struct visit *visit)
{
	const struct rows *entered = act_entered(visit);
	return visit->access.hash != NULL && !visit->access.by_cookie && !visit_changes(visit) && entered != NULL &&
	       rows_text(entered, 0, "account_name") == NULL;
}

bool act_outcome(struct visit *visit)
{
	if (!visit->batch.ok) {
		visit->why = visit->batch.why;
		return false;
	}
	if (visit->why.kind != PROBLEM_NONE) // it was faulty, and only asked whether the caller may know
		return false;
	if (is_unknown_token(visit))
		return refuse(&visit->why, PROBLEM_NOT_SIGNED_IN, "This token is unknown, revoked or expired.", "bad_token");
	const struct contract_step *streamed = sheets_streamed(visit) ? act_streamed(visit) : NULL; // its rows come later
	for (int i = 0; i < visit->operation->steps; i++) {
		const struct contract_step *step = &visit->operation->step[i];
		if (step != streamed && step->shape == SHAPE_ONE && visit->item[i] >= 0 && visit->batch.item[visit->item[i]].rows.count == 0)
			return refuse(&visit->why, PROBLEM_NOT_FOUND, "There is no such thing here.", "not_found");
	}
	return true;
}
