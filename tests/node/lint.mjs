// lint.mjs: holds an OpenAPI document against Redocly's recommended rules. Usage: node lint.mjs openapi.json
import { createConfig, formatProblems, getTotals, lintFromString } from '@redocly/openapi-core';
import { readFileSync } from 'node:fs';

const file = process.argv[2];
const config = await createConfig({
	extends: ['recommended'],
	rules: {
		'operation-4xx-response': 'error',
		'operation-operationId-unique': 'error',
		'operation-summary': 'error',
		'no-unused-components': 'error',
		'no-server-example.com': 'off',
		// The service is reached wherever its operator puts it, so the only server is "/".
		'no-empty-servers': 'off',
	},
});
const problems = await lintFromString({ source: readFileSync(file, 'utf8'), absoluteRef: file, config });
formatProblems(problems, { format: 'stylish', totals: getTotals(problems), version: '' });
process.exit(problems.length === 0 ? 0 : 1);
