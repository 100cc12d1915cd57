import { entries } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Pictures as people ask for them. */
export const IMAGE_VOCABULARY: Vocabulary = {
  templates: [
    '{style} of a {look} {subject} {doing} {place}, {light}, {detail}',
    'a {look} {subject} {doing} {place}, {light}, {style}',
    '{place}, {light}: a {look} {subject} {doing}, {style}, {detail}',
    '{style}, {detail}, {light}, a {look} {subject} with {thing} {place}',
    'a {look} {subject} and {thing}, {doing} {place}, {style}, {light}',
  ],
  seeded: ['thing'],
  slots: {
    look: entries(`weathered; tiny; giant; smiling; sleepy; golden; transparent; wooden; moss-covered; elegant; rusty; striped;
      glowing; curious; ancient; paper; porcelain; clockwork; snow-covered; muddy; colourful; pale; proud; shy; crowned;
      masked; patched; knitted; polished; cracked; spotted; floating; armoured; barefoot; hooded; feathered; painted; dusty;
      silver; crooked; cheerful; lonely; graceful; stubborn; velvet; marble; copper; inflatable`),
    subject:
      entries(`fox; heron; lighthouse keeper; violinist; tram; tortoise; baker; sailing boat; robot; astronaut; owl;
      beekeeper; steam engine; gardener; cat; horse; chess player; windmill; whale; dancer; tea pot; hare; blacksmith; knight;
      typewriter; submarine; child; fisherwoman; octopus; bear; piano; bicycle; dragon; mountaineer; hedgehog; postman; crane;
      watchmaker; greenhouse; elephant; market seller; hot-air balloon; wolf; painter; lantern; shepherd; clock tower; raven;
      seal; tractor; librarian; scarecrow; frog; queen; diver; snail; carousel; cellist; goat; old captain; sculptor; crab;
      caravan; dog`),
    doing:
      entries(`waiting; dancing; reading a letter; crossing a bridge; looking up; sleeping; carrying a ladder; laughing;
      climbing; repairing a net; drinking tea; playing a flute; drifting; hiding; running; counting coins; feeding birds;
      holding an umbrella; turning away; lighting a candle; leaning on a wall; pulling a cart; tying a knot; watching the sky;
      opening a door; listening; rowing; painting a fence; juggling; sweeping; standing still; walking backwards;
      picking apples; mending a shoe; flying a kite; writing; singing; fishing; planting a tree; saying goodbye`),
    place: entries(`in a flooded street; on a frozen lake; at an empty station; in a bamboo forest; under a stone arch;
      on a rooftop; in a crowded market; beside a canal; in a desert town; at the edge of a cliff; in an attic; on a pier;
      inside a greenhouse; in a wheat field; in a subway car; on the moon; in a coral reef; at a mountain pass; in a library;
      in a courtyard; in an old theatre; by a waterfall; in a snowy village; on a ferry; in a workshop; in a cathedral;
      under a highway; in a rice terrace; at a gas station; in a cave; in a vineyard; on a spiral staircase; in a kitchen;
      in a ruined castle; on a beach; in a hedge maze; behind a shop window; at a harbour; in a birch wood; on a salt flat`),
    light: entries(`at dawn; at dusk; by candle light; under neon signs; in thick fog; in heavy rain; in harsh noon sun;
      under a full moon; in a snow storm; with long shadows; in soft morning light; against the light; in green light;
      under northern lights; in a dust storm; by fire light; in overcast light; with a rainbow; in blue hour; under stars;
      with light through blinds; in golden hour; in stage light; in flickering light; with lightning; in warm lamp light;
      in red light; in dim light; after rain; with lens flare; in mist; in clear winter light`),
    thing:
      entries(`a red kite; a broken mirror; a brass key; an old map; a basket of lemons; a paper crane; a chess board;
      a blue suitcase; a string of lanterns; a cracked bell; a stack of books; a glass jar; a silver spoon; a torn flag;
      a bunch of tulips; a wooden mask; a rope bridge; a bird cage; a pocket watch; a bowl of cherries; a ladder; a telescope;
      an anchor; a loaf of bread; a snow globe; a compass; a swarm of moths; a pair of boots; a violin case; a tin drum;
      a fishing net; a feather`),
    style:
      entries(`oil painting; watercolour; ink drawing; pencil sketch; studio photograph; documentary photograph; woodcut;
      pixel art; isometric illustration; children's book illustration; charcoal drawing; low-poly render; claymation still;
      art nouveau poster; film still; macro photograph; wide-angle photograph; mosaic; stained glass; gouache painting;
      comic panel; digital painting; linocut; paper collage; travel poster; fresco; black and white photograph; pastel drawing;
      anime key visual; concept art; embroidery; blueprint; double exposure; tilt-shift photograph; risograph print; etching`),
    detail:
      entries(`highly detailed; minimal; muted colours; vivid colours; shallow depth of field; symmetrical; close-up;
      seen from above; seen from below; wide shot; fine lines; heavy texture; pastel palette; two-colour palette;
      high contrast; film grain; soft focus; intricate patterns; empty background; dense background; centred; off-centre;
      long exposure; loose brush strokes; sharp focus; dreamlike; quiet mood; tense mood; humorous; nostalgic; monumental;
      delicate`),
  },
};
