import { entries } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Questions and orders as people put them to a chat. */
export const TEXT_VOCABULARY: Vocabulary = {
  templates: [
    '{ask} {topic} and {thing} {angle} for {reader}. {form}.',
    'I am {reader} working on {topic}. {ask} {thing} {angle}; {form}.',
    '{form}: {ask} how {topic} changed {thing} {angle}, {tone}, written for {reader}.',
    'For {reader}: {ask} {thing} in {topic} {angle}. {form}, {tone}.',
    "{ask} {thing}. I know about {topic} already, but not {angle}. I'm {reader}, so {form}, {tone}.",
  ],
  seeded: ['topic', 'thing'],
  slots: {
    ask: entries(`explain; describe; compare; summarise; outline; criticise; defend; question; introduce; discuss; review;
      analyse; estimate; predict; tell me about; give me the history of; list what matters about; say what is wrong with;
      find a use for; write about; invent a story about; plan a lesson on; draft a letter about; make a case for;
      argue against; walk me through; show the limits of; name the risks of; sketch the future of; recall the origin of;
      teach me; sum up`),
    topic:
      entries(`rail transport; beekeeping; tidal energy; medieval law; compiler design; urban gardening; number theory;
      volcanology; jazz harmony; bread baking; orbital mechanics; coral reefs; printing; public libraries; chess openings;
      epidemiology; glass making; cartography; desert farming; sign languages; coffee trade; bridge building; stage lighting;
      cryptography; bird migration; tax policy; pottery; weather forecasting; rowing; watchmaking; food storage; typography;
      soil science; film editing; microfinance; robotics; sleep research; forestry; puppet theatre; harbour logistics;
      statistics; paper folding; water treatment; mountain rescue; game theory; cheese ripening; radio astronomy; carpentry;
      patent law; school meals; dialect studies; cycling; market gardening; noise control; archaeology; choir singing;
      battery chemistry; museum design; queueing theory; textile dyeing; fishery; database indexing; lighthouse history;
      insurance; bookbinding; rocket engines; street markets; vaccination; mushroom growing; data compression; sailing;
      parliament procedure; ceramics; wildlife cameras; brewing; crop rotation; graph drawing; opera; plumbing; recycling`),
    thing:
      entries(`a missed deadline; the price of salt; old maps; shared tools; slow growth; a broken scale; cheap sensors;
      night work; the first hour; long queues; simple rules; a lost notebook; local names; hidden costs; second opinions;
      spare parts; early mistakes; heavy rain; open records; borrowed words; a thin margin; loud rooms; steady hands;
      the last mile; small errors; rare colours; winter supplies; an empty platform; shared water; new materials;
      quiet hours; false alarms; hand signals; weak signals; an unpaid bill; the longest route; dry summers; sharp edges;
      young readers; a public vote; worn steps; common myths; a steep hill; stale bread; double entries; a red lamp;
      old habits; trade secrets; faint tracks; wrong units; family recipes; narrow streets; a spare key; late trains;
      cold storage; mixed crowds; test batches; hard stops; a folded letter; blind spots; deep roots; plain language`),
    angle: entries(`from a cost point of view; step by step; with two examples; in plain words; with its weak points;
      as it was a century ago; as it may be in twenty years; in a small town; in a large city; during a crisis;
      without any jargon; with rough numbers; by analogy; from first principles; in daily life; at school; at sea;
      in the mountains; on a tight budget; with a short example; in three stages; for and against; under pressure;
      in a hot climate; in a cold climate; with common mistakes; with open questions; through one failure;
      through one success; from the user's side; from the builder's side; as a checklist; in the first week; over ten years;
      when nobody agrees; when data is missing; with safety in mind; by its smallest parts; by its effects; in reverse order`),
    reader: entries(`a beginner; a ten-year-old; a nurse; an engineer; a shop owner; a retired teacher; a new volunteer;
      a student of law; a farmer; a night guard; a town council; a sceptic; a busy parent; a tourist; a journalist;
      a first-year student; an apprentice; a translator; a sports coach; a librarian; a small team; a software tester;
      a bus driver; a museum guide; an accountant; a musician; a ship's cook; a policy adviser; a school class; a chemist;
      a mechanic; an editor; a pharmacist; a data analyst; a carpenter; a young reader; an old friend; a committee;
      a landlord; a charity`),
    form: entries(`use short sentences; answer in one paragraph; answer in two paragraphs; make a numbered list;
      give five bullet points; end with a question; begin with a definition; keep it under a hundred words;
      keep it under two hundred words; write it as a dialogue; write it as a letter; add a title; add a table;
      give one counterexample; avoid adjectives; mention one source of error; finish with a summary; use the present tense;
      use the past tense; put the conclusion first; state your assumptions; rank them by importance; name three terms to learn;
      include a small calculation; include a quotation you make up; explain every term; leave out the history;
      compare two options; close with advice; write it as a news item; write it as a short scene; write it as instructions;
      give a timeline; give a worked example; say what you are unsure of; use one metaphor; answer as a riddle;
      write it as a speech; write it as a poem of eight lines; give the short answer first`),
    tone: entries(`calmly; with some humour; formally; warmly; dryly; in a lively way; without flattery; carefully;
      with confidence; like a good neighbour; like a lecturer; like a reporter; politely; bluntly; playfully; soberly;
      patiently; with curiosity; without drama; in a friendly voice; like a storyteller; like a manual; kindly; briskly`),
  },
};
