// Generates very short stories in plain English: a few plots, many heroes, places and things.
// Knows nothing about questions or files.

import { fill, withArticle } from './english.ts'
import type { Random } from './random.ts'

export interface Story {
  /** What the story is about: `fox`, `girl`. */
  readonly hero: string
  readonly text: string
}

export const HEROES: readonly string[] =
  'dog cat fox rabbit bear mouse horse duck frog lion elephant monkey bird squirrel pig goat wolf owl turtle boy girl king queen farmer baker sailor teacher fisherman'.split(
    ' ',
  )
const BOY_NAMES = 'Tom Ben Max Sam Jack Leo Oscar Hugo Felix Peter Paul Tim'.split(' ')
const GIRL_NAMES = 'Anna Lucy Mia Rosa Ella Nora Lily Ruby Clara Emma Ida Molly'.split(' ')
const HE_ONLY = new Set(['boy', 'king', 'fisherman'])
const SHE_ONLY = new Set(['girl', 'queen'])
const TRAITS = 'little young old kind clever brave small shy friendly curious quiet gentle'.split(' ')
const HOMES = [
  'in a small house by the river',
  'near a dark forest',
  'on a farm',
  'at the foot of a mountain',
  'beside a quiet lake',
  'in a village near the sea',
  'on a green hill',
  'on a small island',
]
const TIMES = [
  'One day',
  'One morning',
  'One cold evening',
  'One summer day',
  'One winter morning',
  'One night',
]
const FRIENDS = 'fox rabbit bear mouse horse duck frog bird squirrel goat owl turtle'.split(' ')
const THINGS = 'key ball hat book ring coin bell kite shoe map cup box'.split(' ')
const TOYS = 'horse boat doll bird train kite'.split(' ')
const SPOTS = [
  'under the bed',
  'behind the door',
  'in the garden',
  'near the well',
  'in the kitchen',
  'by the gate',
]
const FOODS = ['bread', 'cheese', 'soup', 'honey', 'cake', 'fruit', 'corn']
const SKILLS = ['swim', 'sing', 'dance', 'read', 'paint', 'climb', 'cook', 'play the drum']
const ENDINGS = [
  'From that day on, they were good friends.',
  'They lived happily for many years.',
  '{Name} never forgot that day.',
  'That night {name} slept very well.',
  'And {name} smiled all the way home.',
]

const PLOTS: readonly (readonly string[])[] = [
  [
    '{time} {name} lost {his} {thing}.',
    '{Name} looked {spot} and {spot2}, but the {thing} was not there.',
    '{AFriend} came by and asked, "What is wrong?"',
    '"I cannot find my {thing}," said {name}.',
    'The {friend} helped {him} look, and at last they found it {spot3}.',
    '{Name} was very happy and thanked the {friend}.',
  ],
  [
    '{time} a great storm came, and the wind was loud.',
    'A wet and tired {friend} knocked at the door.',
    '"May I come in? I am cold," said the {friend}.',
    '"Of course," said {name}. "Come and sit by the fire."',
    'They ate {food} together until the storm was over.',
  ],
  [
    '{Name} wanted to learn to {skill}, but it was not easy.',
    '{time} {he} met {aFriend} who could {skill} very well.',
    '"Please teach me," said {name}.',
    'They worked together every day, and {name} did not give up.',
    'At last {name} could {skill}, and everyone was proud of {him}.',
  ],
  [
    '{time} {name} found a lot of {food}.',
    '{He} wanted to eat it all alone.',
    'Then {he} saw a hungry {friend} near the road.',
    '"You may have some of my {food}," said {name}.',
    'The {friend} was glad, and {name} felt warm inside.',
  ],
  [
    '{time} {name} walked into the forest and lost the way.',
    'It was dark, and {name} was afraid.',
    'Then {he} saw a light between the trees.',
    'It was the house of {aFriend}.',
    '"Do not be afraid," said the {friend}. "I know the way home."',
    'The {friend} walked with {him} until they saw the house again.',
  ],
  [
    '{time} {name} found an old {thing} {spot}.',
    '"Whose {thing} is this?" asked {name}.',
    '{He} asked {aFriend}, but the {friend} did not know.',
    '{He} asked everyone, and at last an old woman said, "It is mine."',
    'She was so happy that she gave {name} some {food}.',
  ],
  [
    '{time} {name} heard a cry near the river.',
    '{AFriend} had fallen into the water and could not swim.',
    '{Name} took a long rope and threw it to the {friend}.',
    'The {friend} held the rope, and {name} pulled with all {his} strength.',
    'Soon the {friend} was safe. "You saved my life," said the {friend}.',
  ],
  [
    '{Name} was sad because nobody wanted to play.',
    '{time} {he} made a {toy} of wood and painted it red.',
    '{AFriend} saw it and said, "What a beautiful {toy}!"',
    '"Would you like to play with me?" asked {name}.',
    'They played until the sun went down.',
  ],
  [
    '{time} {name} put a small seed in the ground.',
    'Every day {he} gave it water and waited.',
    '"Nothing will grow there," said {aFriend}.',
    'But {name} did not stop, and soon a green leaf came out of the ground.',
    'In the summer there was a tall yellow flower, and the {friend} said, "You were right."',
  ],
  [
    'It was the birthday of {name}, but nobody had said a word.',
    '{Name} felt sad and went for a walk.',
    'When {he} came home, the house was dark.',
    'Then the light went on, and {aFriend} and many others shouted, "Happy birthday!"',
    'There was a big cake on the table, and they all danced until late.',
  ],
  [
    '{time} {name} and {aFriend} ran a race to the old bridge.',
    'The {friend} was very fast and was soon far ahead.',
    'But the {friend} stopped to sleep under a tree.',
    '{Name} walked on slowly and did not stop.',
    'In the end {name} won the race, and the {friend} learned to be less proud.',
  ],
  [
    '{time} it began to snow, and soon the whole land was white.',
    '{Name} met {aFriend}, and they made a man of snow.',
    'They gave him a hat, a carrot for a nose and two stones for eyes.',
    '"He looks like you," said the {friend}, and both of them laughed.',
    'When the sun came back, the man of snow was gone, but they were not sad.',
  ],
  [
    '{time} {name} told a lie about a broken {thing}.',
    '"I did not do it," {he} said, but {he} felt bad.',
    '{Name} could not eat and could not sleep.',
    'In the morning {he} went to {aFriend} and told the truth.',
    '"Thank you," said the {friend}. "It is brave to tell the truth."',
  ],
  [
    '{Name} wanted to see the sea.',
    '{time} {he} packed some {food} and began to walk.',
    'On the way {he} met {aFriend}, who wanted to come too.',
    'They walked over hills and through fields for three days.',
    'At last they saw the blue water. "It is so big!" said {name}.',
  ],
  [
    '{time} {name} found a box {spot}.',
    'Inside the box there was an old map.',
    '{Name} showed the map to {aFriend}, and together they went to look.',
    'They looked all day and found a bag of gold under a tree.',
    'They gave the gold to the poor people of the village and kept one coin each.',
  ],
  [
    '{Name} was afraid of the dark.',
    '{time} the lamp went out, and {he} could see nothing.',
    '"Look at the sky," said {aFriend}. "The stars are there."',
    '{Name} looked up and saw the moon and a thousand stars.',
    'After that {he} was never afraid of the dark again.',
  ],
]

export function tellStory(random: Random, hero: string = random.pick(HEROES)): Story {
  const isShe = SHE_ONLY.has(hero) || (!HE_ONLY.has(hero) && random.chance(0.5))
  const name = random.pick(isShe ? GIRL_NAMES : BOY_NAMES)
  const friend = random.pick(FRIENDS.filter((other) => other !== hero))
  const [spot, spot2, spot3] = random.sample(SPOTS, 3)
  const values: Record<string, string> = {
    name,
    hero,
    he: isShe ? 'she' : 'he',
    him: isShe ? 'her' : 'him',
    his: isShe ? 'her' : 'his',
    time: random.pick(TIMES),
    thing: random.pick(THINGS),
    toy: random.pick(TOYS),
    spot: spot!,
    spot2: spot2!,
    spot3: spot3!,
    friend,
    aFriend: withArticle(friend),
    food: random.pick(FOODS),
    skill: random.pick(SKILLS),
  }
  const opening = random.pick(['Once there was {who} named {name}.', 'There was once {who} called {name}.'])
  const who = withArticle(`${random.pick(TRAITS)} ${hero}`)
  const sentences = [
    opening,
    `{Name} lived ${random.pick(HOMES)}.`,
    ...random.pick(PLOTS),
    random.pick(ENDINGS),
  ]
  const text = sentences.map((line) => fill(line, { ...values, who })).join(' ')
  return { hero, text }
}
