import { InvalidArgumentError, type Command } from 'commander';
import { isIP } from 'node:net';
import { ss58, wholeNumber } from '../arguments.ts';
import type { Act } from '../session.ts';
import { listSubnets, showSubnet } from '../subnet-show.ts';
import { showMetagraph, showPermits } from '../subnet-neurons.ts';
import { addStake, register, removeStake, serveAxon } from '../subnet-sign.ts';
import { taoAmount } from '../tao.ts';

const DRY = ['--dry-run', 'say what would be signed, what it costs and what is in its way; send nothing'] as const;
const YES = ['--yes', "don't ask; needed where there is no terminal"] as const;

export function addSubnetCommands(program: Command, act: Act): void {
  const subnet = program
    .command('subnet')
    .helpCommand(false)
    .summary('the subnet: registration, stake, metagraph')
    .description('The subnet of the settings (netuid), read from the chain; registration and stake.');
  subnet.command('list').description('all subnets of the chain').action(act(listSubnets));
  subnet.command('show').description('what the subnet asks of its miners and validators').action(act(showSubnet));
  subnet.command('metagraph').description('everybody registered, by uid').action(act(showMetagraph));
  subnet
    .command('permits')
    .description('who may set weights, what stake that takes, and when permits are given anew')
    .action(act(showPermits));
  subnet
    .command('register')
    .description('register the hotkey for what the subnet burns, paid by the coldkey')
    .option('--hotkey <ss58>', 'which (else that of the settings)', ss58)
    .option(...YES)
    .option(...DRY)
    .action(act(register));
  subnet
    .command('serve-axon')
    .description('put on chain where the hotkey serves; "seine miner" does so by itself')
    .requiredOption('--ip <address>', 'public IP address', ipAddress)
    .requiredOption('--port <n>', 'port', wholeNumber(1, 65_535))
    .option(...DRY)
    .action(act(serveAxon));
  const stake = subnet.command('stake').helpCommand(false).description("stake of the coldkey on the subnet's hotkeys");
  stake
    .command('add')
    .description('stake TAO on the hotkey')
    .argument('<tao>', 'how much, such as 1.5', taoAmount)
    .option('--hotkey <ss58>', 'which (else that of the settings)', ss58)
    .option(...YES)
    .option(...DRY)
    .action(act(addStake));
  stake
    .command('remove')
    .description("take stake back from the hotkey, counted in the subnet's alpha")
    .argument('<alpha>', 'how much, such as 1.5', taoAmount)
    .option('--hotkey <ss58>', 'which (else that of the settings)', ss58)
    .option(...YES)
    .option(...DRY)
    .action(act(removeStake));
}

function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('should be an IP address.');
  return text;
}
