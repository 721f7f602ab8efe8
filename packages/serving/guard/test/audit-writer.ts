/** Writes verdicts endlessly and prints the last id known to be stored. */

import { type AuditEntry, openAudit } from '@hadal/guard'

const verdict: AuditEntry['verdict'] = {
  ...{ action: 'allow', role: 'user', language: 'en', findings: [], text: '', isNearMiss: false, micros: 1 },
  ...{ suspicion: {}, abstained: {}, failed: {}, timings: [] },
}
const audit = await openAudit(process.argv[2]!, { retentionMillis: 1e12 })
for (let number = 0; ; number++) {
  audit.write({ requestId: String(number), verdict, text: 'hello '.repeat(20) })
  if (number % 50 === 0) {
    await audit.flush()
    process.stdout.write(`${number}\n`)
  }
}
