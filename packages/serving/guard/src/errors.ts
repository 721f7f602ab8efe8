/** Errors of invalid guard input, shared by the layers. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardDataInvalid: ErrorMaker<[where: string, why: string]> = defineError({
  code: 'guard_data_invalid',
  status: 400,
  when: 'A line of labelled texts is not a JSON object with a text, a label and a source.',
  message: (where, why) => `${where}: ${why}`,
  help: 'Write each line as an object such as {"text": "...", "label": 1, "source": "mine", "lang": "en"}; 1 is an attack, 0 is not.',
})
