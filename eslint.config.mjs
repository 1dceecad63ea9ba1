/** typescript-eslint's recommended typed rules. Each setting says why it is not the default. */
import tseslint from 'typescript-eslint';

/** node:test keeps the promise of a test itself: nobody has to wait for it. */
const testCalls = {
  from: 'package',
  package: 'node:test',
  name: ['test', 'suite', 'it', 'describe', 'before', 'after'],
};

export default tseslint.config(
  { ignores: ['dist/', 'sdks/', 'test/data/', '.lab/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [testCalls] }],
      // What answers at once is async as well where a port says so: its caller waits for a promise that may reject.
      '@typescript-eslint/require-await': 'off',
      // It calls the assertion of a brand needless (`below as RefName`), which the compiler wants.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // What was caught is passed on as it came.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // `_` is unused on purpose, and a property is taken out of an object by naming it beside the rest.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_$', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['test/property.ts'],
    // By itself it draws afresh in each run, and a change would be judged by luck.
    rules: { 'no-restricted-imports': ['error', { name: 'fast-check', message: 'Take fc of test/property.ts.' }] },
  },
);
