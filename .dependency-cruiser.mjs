/*
 * The boundaries of DESIGN.md, section 2, as they are written: what a file imports directly. The second pass
 * (.dependency-cruiser.bundle.mjs) looks at what the workflow bundle truly contains.
 */
const DOMAINS = ['scrapers', 'dedup', 'commit', 'datasets', 'inference', 'scoring'];

export default {
  forbidden: [
    ...DOMAINS.map((domain) => ({
      name: `domain-${domain}-knows-no-other`,
      comment: `src/${domain} may use src/core, src/net, src/redis and src/config only. What two domains need lives in src/core or is passed in by activities.`,
      severity: 'error',
      from: { path: `^src/${domain}/` },
      to: {
        path: '^(src|activities|workflows|temporal|chain|stack)/',
        pathNot: `^src/(${domain}|core|net|redis|config)/`,
      },
    })),
    {
      name: 'domains-know-no-temporal',
      comment: 'Temporal belongs in workflows, activities and temporal/: a domain must run without it.',
      severity: 'error',
      from: { path: '^src/(scrapers|dedup|commit|datasets|inference|scoring|core|net|redis|config)/' },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'core-is-a-leaf',
      comment: 'src/core has no I/O and knows nobody.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^(src|activities|workflows|temporal|chain|stack)/', pathNot: '^src/core/' },
    },
    {
      name: 'core-needs-no-node',
      comment: 'Workflows import src/core: what needs Node (node:crypto) sits in src/core/hash.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: '^src/core/hash/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'leaves-know-core-only',
      comment: 'src/net, src/redis and src/config are leaves that every domain may use.',
      severity: 'error',
      from: { path: '^src/(net|redis|config)/' },
      to: { path: '^(src|activities|workflows|temporal|chain|stack)/', pathNot: '^src/(core|net|redis|config)/' },
    },
    {
      name: 'workflows-orchestrate-only',
      comment:
        'A workflow may import @temporalio/workflow, src/core without hash, other workflows, and types. Nothing else by value.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot: '^(workflows/|src/core/(?!hash/)|node_modules/@temporalio/workflow/)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'activities-are-adapters',
      comment: 'Activities join domains. They know neither workflows nor the composition root nor the faces.',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^(workflows|temporal|stack|chain|src/cli|src/web)/' },
    },
    {
      name: 'only-roots-compose',
      comment: 'Dependencies are built in temporal/ and src/cli/roots only.',
      severity: 'error',
      from: { path: '^(activities|workflows|src/(?!cli/))' },
      to: { path: '^(temporal|src/cli)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea, or hide a third.',
      severity: 'error',
      from: { path: '^(src|activities|workflows|temporal|chain|stack)/' },
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.seine|runs|chain/runtime)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mts', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
