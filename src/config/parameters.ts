import { MOST_ANCHORED } from '../core/manifest.ts';
import { integer, oneOf, shares } from './parsers.ts';
import { PPM, setting } from './setting.ts';
import type { Setting } from './setting.ts';

const MAX_BLOCKS = 1_000_000;
/** 30 days of blocks of 12 seconds. */
const DAYS_30 = 216_000;

/** Rows of the settings table that a subnet's validators should agree on: what counts, what it is worth and for how long. */
export const PARAMETERS = {
  'parameters.fetch_deadline_blocks': setting(
    'SEINE_FETCH_DEADLINE_BLOCKS',
    100,
    integer({ min: 1, max: MAX_BLOCKS }),
    'blocks after a commit within which its bytes must be fetched',
  ),
  'parameters.max_unanchored': setting(
    'SEINE_MAX_UNANCHORED',
    8,
    integer({ min: 0, max: MOST_ANCHORED - 1 }),
    'manifests without a commitment of their own that may lie between two that have one',
  ),
  'parameters.renewed_after_blocks': setting(
    'SEINE_RENEWED_AFTER_BLOCKS',
    DAYS_30,
    integer({ min: 1, max: MAX_BLOCKS }),
    'blocks after which a changed page is owned anew (30 days)',
  ),
  'parameters.mirror_blocks': setting(
    'SEINE_MIRROR_BLOCKS',
    DAYS_30,
    integer({ min: 1, max: MAX_BLOCKS }),
    'blocks after a commitment for which validators give each other its bytes (30 days)',
  ),
  'parameters.sample_rows': setting(
    'SEINE_SAMPLE_ROWS',
    30,
    integer({ min: 1, max: 10_000 }),
    'rows of a miner that are spot-checked',
  ),
  'parameters.sample_payable_share_ppm': setting(
    'SEINE_SAMPLE_PAYABLE_SHARE_PPM',
    800_000,
    integer(PPM),
    'share of the sample drawn from rows that would be paid',
  ),
  'parameters.not_found_baseline_ppm': setting(
    'SEINE_NOT_FOUND_BASELINE_PPM',
    100_000,
    integer(PPM),
    "rate of rows gone at their source that is nobody's fault",
  ),
  'parameters.curve_exponent_milli': setting(
    'SEINE_CURVE_EXPONENT_MILLI',
    1000,
    integer({ min: 1000, max: 10_000 }),
    'exponent of the reward curve, in thousandths: 1000 pays in proportion, more pays the best more',
  ),
  'parameters.allowance_rows': setting(
    'SEINE_ALLOWANCE_ROWS',
    50_000,
    integer({ min: 1, max: 100_000_000 }),
    'rows that a new hotkey may commit, and is paid for, in an epoch',
  ),
  'parameters.allowance_bytes': setting(
    'SEINE_ALLOWANCE_BYTES',
    268_435_456,
    integer({ min: 1_000_000, max: 32_000_000_000 }),
    "bytes that one manifest's shards may have in all",
  ),
  'parameters.formula': setting(
    'SEINE_FORMULA',
    'seine',
    oneOf('seine', 'd3', 'sn13'),
    'how data is scored: seine, or as D3 (d3) or SN13 (sn13) published theirs',
  ),
  'parameters.cap_site_ppm': setting(
    'SEINE_CAP_SITE_PPM',
    50_000,
    integer(PPM),
    "share of a pool's pay that one site gets at most, unless its host is named in a job",
  ),
  'parameters.cap_author_ppm': setting(
    'SEINE_CAP_AUTHOR_PPM',
    10_000,
    integer(PPM),
    "share of a pool's pay that one author gets at most",
  ),
  'parameters.cap_floor_rows': setting(
    'SEINE_CAP_FLOOR_ROWS',
    1000,
    integer({ min: 0, max: 1_000_000_000 }),
    'rows of a site or author in an epoch that no cap cuts',
  ),
  'parameters.credibility_start_ppm': setting(
    'SEINE_CREDIBILITY_START_PPM',
    500_000,
    integer(PPM),
    'credibility of a hotkey that was never checked',
  ),
  'parameters.credibility_gain_ppm': setting(
    'SEINE_CREDIBILITY_GAIN_PPM',
    100_000,
    integer(PPM),
    'part of the way up that credibility goes in an epoch with a whole sample',
  ),
  'parameters.credibility_loss_ppm': setting(
    'SEINE_CREDIBILITY_LOSS_PPM',
    500_000,
    integer(PPM),
    'part of the way down that credibility goes in an epoch with a whole sample',
  ),
  'parameters.regular_epochs': setting(
    'SEINE_REGULAR_EPOCHS',
    8,
    integer({ min: 1, max: 1000 }),
    'epochs over which regular supply is looked for',
  ),
  'parameters.regular_rows': setting(
    'SEINE_REGULAR_ROWS',
    100,
    integer({ min: 1, max: 1_000_000_000 }),
    'owned, wanted rows that make an epoch one of regular supply',
  ),
  'parameters.regularity_share_ppm': setting(
    'SEINE_REGULARITY_SHARE_PPM',
    100_000,
    integer(PPM),
    'part of the pay that depends on regular supply',
  ),
  'parameters.freshness_bonus_ppm': setting(
    'SEINE_FRESHNESS_BONUS_PPM',
    100_000,
    integer(PPM),
    "what a new row weighs more, where the platform's own clock dates it",
  ),
  'parameters.freshness_hours': setting(
    'SEINE_FRESHNESS_HOURS',
    24,
    integer({ min: 1, max: 100_000 }),
    'age from which on a row is not fresh',
  ),
  'parameters.stake_curve': setting(
    'SEINE_STAKE_CURVE',
    'linear',
    oneOf('linear', 'power'),
    "how a miner's stated volume is divided among validators: in proportion to stake (linear), or by NicheImage's curve (power)",
  ),
  'parameters.pools': setting(
    'SEINE_POOLS',
    'data=1000000',
    shares(),
    'pools of the emission with their shares in millionths, such as data=700000,images=300000; jobs name their pool',
  ),
  'parameters.inference_formula': setting(
    'SEINE_INFERENCE_FORMULA',
    'seine',
    oneOf('seine', 'vision_page', 'vision_code', 'niche_image_page', 'niche_image_code', 'niche_image_older_page'),
    'how inference is scored: seine, or as Vision (SN19) or NicheImage (SN23) published theirs, by their pages or code',
  ),
  'parameters.capacity_window_periods': setting(
    'SEINE_CAPACITY_WINDOW_PERIODS',
    24,
    integer({ min: 1, max: 1000 }),
    'periods that a shown capacity counts for; one of each so many asks for all of it at once',
  ),
  'parameters.capacity_right_share_ppm': setting(
    'SEINE_CAPACITY_RIGHT_SHARE_PPM',
    950_000,
    integer({ min: 1, max: 1_000_000 }),
    'share of a full load that must be answered rightly for a capacity to be shown',
  ),
  'parameters.capacity_growth_ppm': setting(
    'SEINE_CAPACITY_GROWTH_PPM',
    2_000_000,
    integer({ min: 1_000_000, max: 100_000_000 }),
    'what paid capacity may become in a period, as a share of that in the period before',
  ),
  'parameters.capacity_first_share_ppm': setting(
    'SEINE_CAPACITY_FIRST_SHARE_PPM',
    31_250,
    integer({ min: 1, max: 1_000_000 }),
    'share of the shown capacity that is paid first',
  ),
  'parameters.score_alpha_ppm': setting(
    'SEINE_SCORE_ALPHA_PPM',
    300_000,
    integer(PPM),
    'weight of the newest epoch in the running score',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
