/**
 * Import this before chopsticks: its logger reads LOG_LEVEL once, at import, refuses levels it does not know, and writes
 * every block to stdout, which belongs to the caller.
 */
process.env['LOG_LEVEL'] = 'fatal';
