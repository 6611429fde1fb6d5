import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  {
    ignores: ['site/.pages/', 'dist/', '**/build/', 'coverage/', '.cache/'],
  },
  js.configs.recommended,
  {
    files: ['lib/**/*.ts', 'test/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Messages are made of pids, signal numbers and counts: numbers read as they are.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['test/**'],
    ignores: ['test/support/kill.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          // A process may signal itself; whom else it signals has to be somebody for certain.
          ":not(CallExpression[arguments.0.object.name='process'][arguments.0.property.name='pid']) > MemberExpression[object.name='process'][property.name='kill']",
          // A worker's, whose pid may be gone: worker.process.kill; globalThis.process.kill.
          "MemberExpression[object.property.name='process'][property.name='kill']",
          "MemberExpression[object.name='process'][computed=true][property.value='kill']",
          "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='kill']",
          'ImportDeclaration[source.value=/^(node:)?process$/]',
          "CallExpression[callee.name='require'][arguments.0.value=/^(node:)?process$/]",
        ].map((selector) => ({
          selector,
          message:
            'A pid may be wrong, and 0, -1 or NaN kills others: test/support/kill.ts checks.',
        })),
      ],
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: { sourceType: 'commonjs' },
  },
);
