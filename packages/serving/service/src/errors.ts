/** Errors of resolving a service's parts. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const bundledModelMissing: ErrorMaker<[name: string, available: readonly string[]]> = defineError({
  code: 'bundled_model_missing',
  status: 500,
  when: 'A model bundled with Hadal is missing from this installation.',
  message: (name, _available) => `the bundled model ${name} is not installed`,
  help: (_name, available) =>
    available.length > 0
      ? `Use one of the bundled models: ${available.join(', ')}.`
      : 'Use another model: --model path.gguf or --model hf:owner/repo:quant.',
  docsHelp:
    'Use a bundled model that the error lists, or another model: --model path.gguf or --model hf:owner/repo:quant.',
})

export const chatTemplateUnreadable: ErrorMaker<[path: string, why: string, names: readonly string[]]> =
  defineError({
    code: 'chat_template_unreadable',
    status: 500,
    when: '`chatTemplate` is neither Jinja source, nor the name of a built-in template, nor a readable file.',
    message: (path, why, _names) => `cannot read the chat template ${JSON.stringify(path)}: ${why}`,
    help: (_path, _why, names) =>
      `Set it to Jinja source, to the path of a template file, or to one of ${names.join(', ')}.`,
  })
