// act.c: which statements a request runs, and whether they did what its contract says.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/rows.h"

bool act_handle(struct exchange *x)
{
	if (x->operation->handler == NULL)
		return true;
	x->plan.session_token = x->access.by_cookie ? http_cookie(x->request, PLAN_SESSION_COOKIE) : NULL;
	return x->operation->handler(&x->plan, &x->why);
}

static void add_step(struct exchange *x, int number, struct contract_surroundings *around)
{
	const struct contract_step *step = &x->operation->step[number];
	const char **values = arena_alloc(x->arena, sizeof(const char *) * (size_t)step->statement->parameters);
	for (int i = 0; i < step->statement->parameters; i++) {
		if (step->binding[i].source == FROM_LANGUAGE && around->language == NULL)
			around->language = language_wanted(x); // only here: choosing costs more than most look-ups
		values[i] = contract_bind(&x->input, &step->binding[i], around, x->arena);
	}
	x->item[number] = db_add(&x->batch, step->statement, values);
}

static bool applies(const struct exchange *x, const struct contract_step *step)
{
	return step->when == 0 || (step->when & x->form) != 0;
}

void act_plan(struct exchange *x)
{
	struct contract_surroundings around = {.request_path = x->request->path, .request_id = x->request->id};
	access_enter(x);
	int main_step = -1;
	for (int i = 0; i < x->operation->steps; i++) {
		const struct contract_step *step = &x->operation->step[i];
		x->item[i] = -1;
		// A CSV's rows come in pieces from the last statement; its HEAD needs none of them.
		if (x->form == FORM_CSV && step->part == NULL)
			main_step = i;
		else if (applies(x, step))
			add_step(x, i, &around);
	}
	if (main_step >= 0 && !x->match.head)
		add_step(x, main_step, &around);
	if (x->operation->audit && exchange_changes(x))
		access_audit(x);
}

const struct contract_step *act_step(const struct exchange *x, const char *part)
{
	for (int i = 0; i < x->operation->steps; i++) {
		const struct contract_step *step = &x->operation->step[i];
		if (part == NULL ? step->part == NULL : step->part != NULL && strcmp(step->part, part) == 0)
			return step;
	}
	return NULL;
}

const struct rows *act_rows(const struct exchange *x, const char *part)
{
	const struct contract_step *step = act_step(x, part);
	int item = step ? x->item[step - x->operation->step] : -1;
	return item >= 0 ? &x->batch.item[item].rows : NULL;
}

const struct rows *act_entered(const struct exchange *x)
{
	return x->batch.ok && x->batch.count > 0 && x->batch.item[0].rows.count == 1 ? &x->batch.item[0].rows : NULL;
}

bool act_outcome(struct exchange *x)
{
	if (!x->batch.ok) {
		x->why = x->batch.why;
		return false;
	}
	for (int i = 0; i < x->operation->steps; i++) {
		if (x->operation->step[i].shape == SHAPE_ONE && x->item[i] >= 0 && x->batch.item[x->item[i]].rows.count == 0)
			return refuse(&x->why, PROBLEM_NOT_FOUND, "There is no such thing here.", "not_found");
	}
	return true;
}
