import {
  correctLot,
  listLicenseMovements,
  listMovements,
  transferLicenses,
  undoTransfer,
} from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { withdrawFromLot } from './correct-lot.ts';
import { licenseMovementsList, movementsList } from './movements-view.ts';
import { moveLicenses } from './transfer-licenses.ts';
import { takeTransferBack } from './undo-transfer.ts';

export const routes: readonly Handler[] = [
  command(transferLicenses, moveLicenses),
  command(undoTransfer, takeTransferBack),
  command(correctLot, withdrawFromLot),
  view(listMovements, movementsList),
  view(listLicenseMovements, licenseMovementsList),
];
