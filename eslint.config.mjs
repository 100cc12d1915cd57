import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', '.seine', 'runs', 'chain/runtime', 'test/fixtures', '**/*.mjs', '*.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what a module exports.' },
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
      ],
    },
  },
  {
    // What a workflow runs must replay: no Node, and activities only as types.
    files: ['workflows/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^node:', message: 'Workflows are deterministic: Node belongs in activities.' },
            { regex: 'core/hash/', message: 'Hashing needs node:crypto: do it in an activity.' },
            { regex: '/activities/', allowTypeImports: true, message: 'Workflows know activities as types only.' },
          ],
        },
      ],
    },
  },
  {
    files: ['vitest.config.ts', 'vitest.integration.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
