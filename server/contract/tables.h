// tables.h: what tools/compile_contract.py writes besides the operations: the tree that the router walks.
//
// Room rules: only the generated contract_tables.c and this room include it.
#pragma once

#include "contract/contract.h"

enum { CONTRACT_METHODS = 5 }; // GET, POST, PUT, PATCH, DELETE, in this order

// One segment of a path. Literal children stand together, sorted by bytes; node 0 is "/".
struct contract_node {
	const char *segment;               // NULL: a parameter
	short first_literal, literals;     // children
	short parameter;                   // the child that takes any segment; 0: none
	short operation[CONTRACT_METHODS]; // index into contract_operations; -1: none
	const char *allow;                 // "GET, HEAD, OPTIONS"; NULL: nothing lives here
};

extern const struct contract_node contract_nodes[];
