/** Errors of finding what a service is made of. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const bundledModelMissing: ErrorMaker<[name: string, available: readonly string[]]> = defineError({
  code: 'bundled_model_missing',
  status: 500,
  when: 'A model that comes with Hadal is not where this installation should have it.',
  message: (name, _available) => `there is no bundled model ${name}`,
  help: (_name, available) =>
    available.length > 0
      ? `Bundled: ${available.join(', ')}.`
      : 'Name another one: --model path.gguf or --model hf:owner/repo:quant.',
})

export const chatTemplateUnreadable: ErrorMaker<[path: string, why: string, names: readonly string[]]> =
  defineError({
    code: 'chat_template_unreadable',
    status: 500,
    when: '`chatTemplate` is no Jinja source, no name of a template, and no file that can be read.',
    message: (path, why, _names) => `the chat template ${JSON.stringify(path)} cannot be read: ${why}`,
    help: (_path, _why, names) =>
      `Give Jinja source, the path of a file that holds it, or one of ${names.join(', ')}.`,
  })
