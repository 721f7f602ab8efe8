/** Finds URLs with credentials in a service. Reports the location, never the text. Pure. */

import { redactText, type Service, serviceSettings } from '@hadal/config'

/** These are taken out, wherever they stand. */
const takenOut = /^(apiKey|headers|secret)$/

const holdsCredentials = (text: string): boolean => redactText(text) !== text

/** Such as `models[1].upstream.replicas[0]`. */
export function urlsWithCredentials(service: Service): readonly string[] {
  const found: string[] = []
  const look = (value: unknown, place: string): void => {
    if (typeof value === 'string') {
      if (holdsCredentials(value)) found.push(place)
    } else if (Array.isArray(value)) {
      for (const [at, each] of value.entries()) look(each, `${place}[${at}]`)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        if (holdsCredentials(key)) found.push(place)
        else if (!takenOut.test(key)) look(each, `${place}.${key}`)
      }
    }
  }
  for (const [key, { secret }] of Object.entries(serviceSettings))
    if (secret !== true) look(service[key as keyof Service], key)
  return found
}
