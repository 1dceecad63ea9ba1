/**
 * Where git runs that talks to GitLab: folders of the agent's own, in its state. The repository's configuration can
 * change after it was looked at, so git never reads it there: only plain keys of this list are copied. Objects are the
 * repository's, by GIT_OBJECT_DIRECTORY. In `network/` there are no refs; in `network/fetch/` links show old's, or
 * GitLab would send the whole history.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { readIfThere, replaceFile } from '../machine/files';
import type { GitPlace } from './gitprocess';
import type { GitSettings } from './gitsettings';
import { configEntries } from './repoconfig';

/** How files and packs are made, and what is checked. None names a command, a path or a URL. */
const listed = [
  'core.sharedrepository',
  'core.compression',
  'core.loosecompression',
  'core.bigfilethreshold',
  'core.packedgitlimit',
  'core.packedgitwindowsize',
  'core.deltabasecachelimit',
  'core.fsync',
  'core.fsyncmethod',
  'core.fsyncobjectfiles',
  'core.commitgraph',
  'core.multipackindex',
  'fetch.unpacklimit',
  'transfer.unpacklimit',
  'fetch.fsckobjects',
  'transfer.fsckobjects',
];

type Place = Pick<GitSettings, 'directory' | 'networkFolder'>;

/** For asking and pushing: without refs. */
export async function networkPlace(settings: GitSettings): Promise<GitPlace> {
  await mendNetworkFolder(settings);
  return placeIn(settings, settings.networkFolder);
}

/** For fetching: with the refs of old. */
export async function fetchPlace(settings: GitSettings): Promise<GitPlace> {
  await mendNetworkFolder(settings);
  return placeIn(settings, fetchFolder(settings));
}

/** The repository's settings that are copied, as the text of a configuration. */
export async function listedSettings(settings: Place): Promise<string> {
  await mendNetworkFolder(settings);
  return readIfThere(configOf(settings.networkFolder)) ?? '';
}

/** A process only where a folder is missing, or the repository's configuration changed since. */
export async function mendNetworkFolder(place: Place): Promise<void> {
  const first = firstLine(place);
  const folders = [place.networkFolder, fetchFolder(place)];
  if (folders.every((folder) => readIfThere(configOf(folder))?.startsWith(first) ?? false)) return;
  const entries = await configEntries(configOf(place.directory));
  const text = first + bare + entries.map(({ key, value }) => lineOf(key, value)).join('');
  try {
    // Whatever the umask is: who could write here would lead git elsewhere.
    for (const folder of [place.networkFolder, path.join(place.networkFolder, 'refs'), fetchFolder(place)])
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of ['refs', 'packed-refs'])
      putLink(path.join(fetchFolder(place), name), path.join(place.directory, name));
    for (const folder of folders) replaceFile(path.join(folder, 'HEAD'), 'ref: refs/heads/none\n', 0o600);
    // Last: who finds it finds the rest.
    for (const folder of folders) replaceFile(configOf(folder), text, 0o600);
  } catch (error) {
    throw faults.noSendFolder({
      folder: place.networkFolder,
      words: error instanceof Error ? error.message : String(error),
    });
  }
}

const bare = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tlogAllRefUpdates = false\n';

/** In the repository, where processes of git that work on it are looked for. */
function placeIn(settings: GitSettings, networkFolder: string): GitPlace {
  const { directory, quarantine } = settings;
  return {
    ...settings,
    directory: networkFolder,
    worksIn: directory,
    quarantine: { GIT_OBJECT_DIRECTORY: path.join(directory, 'objects'), ...quarantine },
  };
}

function fetchFolder({ networkFolder }: Place): string {
  return path.join(networkFolder, 'fetch');
}

function configOf(folder: string): string {
  return path.join(folder, 'config');
}

/** Which configuration it was made from. A date that is set back leaves older values of listed keys, nothing else. */
function firstLine({ directory }: Place): string {
  const seen = fs.statSync(configOf(directory), { throwIfNoEntry: false });
  return `# ${JSON.stringify(directory)} ${seen?.mtimeMs ?? 'none'} ${seen?.size ?? 0}\n`;
}

/** Empty for what is not listed. Severities of fsck are words; its skipList is a path. */
function lineOf(key: string, value: string): string {
  const isPlain = !/[\0-\x08\x0a-\x1f\x7f]/.test(value);
  const isSeverity = /^fetch\.fsck\.[a-z0-9]+$/.test(key) && /^(error|warn|ignore)$/.test(value);
  const isListed = listed.includes(key) || /^pack\.[a-z]+$/.test(key) || isSeverity;
  if (!isListed || !isPlain) return '';
  const name = key.slice(key.lastIndexOf('.') + 1);
  const section = isSeverity ? '[fetch "fsck"]' : `[${key.slice(0, key.indexOf('.'))}]`;
  return `${section}\n\t${name} = "${value.replace(/["\\]/g, '\\$&')}"\n`;
}

function putLink(link: string, target: string): void {
  if (readLink(link) === target) return;
  const draft = `${link}.${process.pid}.draft`;
  fs.rmSync(draft, { force: true });
  fs.symlinkSync(target, draft);
  fs.renameSync(draft, link);
}

function readLink(link: string): string | null {
  try {
    return fs.readlinkSync(link);
  } catch {
    return null;
  }
}
