import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'sdks/', 'test/data/', '**/*.mjs', '**/*.cjs', 'stacks/provider/plugin/'] },
  ...tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
);
