/**
 * `npm run docs:api` writes the reference of the public packages to docs/reference/, a page for each package, out of their
 * docstrings (TypeDoc), and its sidebar next to it. Nothing there is kept in git. A link in a docstring that leads nowhere fails it.
 */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Application, type DeclarationReflection, ReflectionKind, type TypeDocOptions } from 'typedoc'
import { type ApiPackage, apiPackages, root } from './api-surface.ts'

const out = join(root, 'docs', 'reference')
const packages = apiPackages()
const titles = new Map(packages.map(({ folder, name }) => [folder, name]))
const open = packages.filter(({ inner }) => !inner)

rmSync(out, { recursive: true, force: true })
const options = {
  entryPoints: open.map(({ path }) => join(root, path, 'src', 'index.ts')),
  tsconfig: join(root, 'tsconfig.json'),
  // The types were checked before.
  skipErrorChecking: true,
  plugin: ['typedoc-plugin-markdown'],
  out,
  readme: 'none',
  name: 'Hadal',
  githubPages: false,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeExternals: true,
  excludeNotDocumented: false,
  disableGit: true,
  basePath: root,
  displayBasePath: root,
  sourceLinkTemplate: '../../{path}#L{line}',
  validation: { notExported: false, invalidLink: true, invalidPath: true, notDocumented: false },
  treatWarningsAsErrors: true,
  sort: ['source-order'],
  // Setting of the Markdown plugin: a page for each package.
  router: 'module',
  entryFileName: 'index',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: false,
  sanitizeComments: true,
  expandObjects: false,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  useCodeBlocks: true,
  tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true },
  pageTitleTemplates: {
    module: ({ name }: { readonly name: string }) => titles.get(name) ?? name,
  },
} as const

const app = await Application.bootstrapWithPlugins(options as unknown as TypeDocOptions)
const project = await app.convert()
if (project === undefined) process.exit(1)
for (const [index, pkg] of open.entries()) moduleOf(index).name = pkg.folder
app.validate(project)
await app.generateOutputs(project)

function moduleOf(index: number): DeclarationReflection {
  const file = relative(root, options.entryPoints[index] ?? '')
  const found = project
    ?.getChildrenByKind(ReflectionKind.Module)
    .find((module) => module.sources?.some(({ fileName }) => fileName === file))
  if (found === undefined) throw new Error(`TypeDoc made no module of ${file}`)
  return found
}

for (const page of pages()) toRepository(page)
writeFileSync(join(out, 'index.md'), indexPage())
writeFileSync(
  join(out, 'sidebar.json'),
  `${JSON.stringify(
    open.map(({ name, folder }) => ({
      text: name,
      link: `/reference/${pageOf(folder).replace(/(index)?\.md$/, '')}`,
    })),
    undefined,
    2,
  )}\n`,
)
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1)

function pages(): string[] {
  return readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'))
}

/** A package with a namespace has a folder, with a page for each. */
function pageOf(folder: string): string {
  return existsSync(join(out, `${folder}.md`)) ? `${folder}.md` : `${folder}/index.md`
}

/** TypeDoc's links to sources are the same on every page, at whatever depth it is. */
function toRepository(page: string): void {
  const path = join(out, page)
  const up = `${relative(dirname(path), root)}/packages/`
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('](../../packages/', `](${up}`))
}

function indexPage(): string {
  const row = ({ name, folder, description }: ApiPackage, isLinked: boolean): string =>
    `| ${isLinked ? `[\`${name}\`](${pageOf(folder)})` : `\`${name}\``} | ${description} |`
  return `# TypeScript API

Generated from the docstrings of the packages. Each exported function, class and constant has an example, which is type-checked
against the sources; what stands behind an arrow (\`// → value\`) is what running it gave.

| package | |
|---|---|
${open.map((pkg) => row(pkg, true)).join('\n')}

## Inner packages

These are published because the others need them. Their exports change in any release, without a word.

| package | |
|---|---|
${packages
  .filter(({ inner }) => inner)
  .map((pkg) => row(pkg, false))
  .join('\n')}

In the public packages, too, what is marked \`@internal\` is shared among Hadal's packages alone, and is left out here.
`
}
