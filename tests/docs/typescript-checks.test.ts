/** TypeScript of the documentation has the types that it says, against the packages as they are. */

import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { root } from './blocks.ts'
import { modules } from './modules.ts'

it('blocks of TypeScript are type-checked', () => {
  const all = modules()
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['x.ts'] }, ts.sys, root)
  const texts = new Map(all.map(({ path, text }) => [path, text]))
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = (path) => texts.get(path) ?? readFile.call(host, path)
  host.fileExists = (path) => texts.has(path) || fileExists.call(host, path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path)
    return text === undefined
      ? getSourceFile.call(host, path, version, ...rest)
      : ts.createSourceFile(path, text, version)
  }
  const program = ts.createProgram(
    [...texts.keys()],
    {
      ...options,
      incremental: false,
      noEmit: true,
      // Stricter than what `strict` asks of a reader, and than what OpenAI's types keep.
      exactOptionalPropertyTypes: false,
    },
    host,
  )
  const issues = all.flatMap(({ block, path, from }) => {
    const file = program.getSourceFile(path)!
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].flatMap(
      ({ start = 0, messageText }) => {
        const line = file.getLineAndCharacterOfPosition(start).line - from
        // What stands above is said of the block that stands there.
        if (line < 0 && block.marks.has('continues')) return []
        return [
          `${block.page}:${block.line + 1 + line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
        ]
      },
    )
  })
  console.log(`${all.length} blocks of TypeScript type-checked`)
  expect(issues).toEqual([])
})
