/*
 * What the workflow bundle truly contains: only imports that are left after types are gone, followed to their end. The first pass
 * would follow type imports and cry wolf; Temporal's bundler alone lets a value import of an activity pass.
 */
export default {
  forbidden: [
    {
      name: 'bundle-has-no-effects',
      comment:
        'Something that a workflow imports reaches activities, domains, hashing or Node. Import its type only, or move it to an activity.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: '^(activities|temporal|chain|stack|src/(?!core/)|src/core/hash|node:)',
        reachable: true,
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mts', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
