import {
  correctLot,
  getOverview,
  getPool,
  listInventory,
  listLicenseMovements,
  listMovements,
  transferLicenses,
  undoTransfer,
} from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { withdrawFromLot } from './correct-lot.ts';
import { inventory } from './inventory-view.ts';
import { licenseMovementsList, movementsList } from './movements-view.ts';
import { overview } from './overview-view.ts';
import { pool } from './pool-view.ts';
import { moveLicenses } from './transfer-licenses.ts';
import { takeTransferBack } from './undo-transfer.ts';

export const routes: readonly Handler[] = [
  view(getOverview, overview),
  view(listInventory, inventory),
  view(getPool, pool),
  command(transferLicenses, moveLicenses),
  command(undoTransfer, takeTransferBack),
  command(correctLot, withdrawFromLot),
  view(listMovements, movementsList),
  view(listLicenseMovements, licenseMovementsList),
];
