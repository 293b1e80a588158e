"""One run from start to end: what was asked for becomes a plan, the engine carries it out, the record is rendered.

What only a run needs (the Azure SDK, signatures, renderings) is imported where it begins, not above: --collect-only
and every mistake in what was asked for shall cost nobody that second.
"""

from __future__ import annotations

import platform as python_platform
import secrets
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from checks.catalogue import Catalogue, CatalogueError, Metadata, builtin_modules
from reports import selection
from reports.errors import DocumentError, KeyFileError, ReportError
from reports.evidence import Evidence, Mode, Run, Selected
from reports.folder import EvidenceFolder
from reports.waivers import WaiverFile, load_waivers
from runners.custom_checks import custom_modules, folder_digests
from runners.disk.reader import ready
from runners.embedded import open_scenario
from runners.errors import DiskError, UsageError
from runners.findings import EngineFindings, Findings
from runners.fleet import Fleet
from runners.git import commit_of
from runners.own_probes import own_probes
from runners.request import Request
from runners.resolution import find, resolved
from runners.shard import shared
from runners.votes import PlainTest, Votes

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

    from runners.engine import Engine, Selection
    from runners.reached import Reached
    from runners.surroundings import Surroundings

_SHOWN: dict[Mode, tuple[str, ...]] = {
    "observe": ("pre",),
    "generalize": ("pre", "executor", "post"),
    "confirm": ("post",),
}
"""Of which phases pytest shows items. Judged is always the whole catalogue."""
_LAB_UNSIGNED = (
    "--sign-key: this is a lab's run, or that of an endpoint that is not shown to be Azure's own. Its signature could "
    "be taken for a proof about Azure, so none is made; --allow-lab makes one that says lab."
)
_PACKAGES = ("sealproof", "pytest", "azure-mgmt-compute", "azure-identity", "dissect.volume")


class RunSession:
    """One run. Loading it contacts nobody; `resolve` and `start` do."""

    def __init__(self, request: Request, arguments: Sequence[str]) -> None:
        self.request = request
        self.catalogue = load_catalogue(request.checks)
        self._own_probes = own_probes(request.checks)
        self._scenario = open_scenario(request.lab, self._own_probes) if request.lab else None
        fleet = request.named_fleet() or (self._scenario.fleet() if self._scenario else Fleet(targets=()))
        self.take(shared(request.treated(fleet), request.shard))
        self._waivers = _waivers(request.waivers)
        self._signer = _signer(request)
        self._way = self.request.way_in(self.fleet)
        self._ca_digest = "" if self._scenario else self._way.ca_digest()
        self.engine: Engine | None = None
        self.findings: Findings | None = None
        """Where items of this process look up what was found."""
        self.evidence: Evidence | None = None
        self.folder: EvidenceFolder | None = None
        self.selected: tuple[Selected, ...] = ()
        """What queries found in Azure, in the process that asked."""
        self._around: Surroundings | None = None
        self._reached: Reached | None = None
        self._arguments = tuple(arguments)
        self._open = ExitStack()

    def take(self, fleet: Fleet) -> None:
        """Make this the fleet of the run, as it is."""
        self.fleet = fleet
        self.votes = Votes(target.name for target in fleet.targets)

    def resolve(self) -> None:
        """Ask Azure, once, which VMs the fleet's queries mean. Raises `UsageError` where it finds none."""
        import asyncio

        try:
            reached = self._reach()
            found = asyncio.run(find(self.fleet.selectors, reached.arm, reached.scheduler))
            self.take(shared(self.request.treated(resolved(self.fleet, found)), self.request.shard))
            self.selected = tuple(item.record for item in found)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of Azure, or of the lab, where nothing else did."""
        self._open.close()

    def shown_targets(self, metadata: Metadata | None) -> list[str]:
        """Return the names of the targets for which pytest shows a check, or (None) the executor."""
        phase = metadata.phase if metadata else "executor"
        if phase not in _SHOWN[self.request.mode]:
            return []
        wanted = metadata.platform if metadata else "any"
        return [item.name for item in self.fleet.targets if wanted == "any" or item.platform in (None, wanted)]

    def start(self, selected: Selection, tests: Iterable[PlainTest] = ()) -> None:
        """Reach Azure (or start the lab), and start the engine. Only what `selected` holds may be acted on.

        `tests` are the plain tests that can keep it from that.

        Raises `UsageError` where that can't be done, or the stopped disk could not be read afterwards.
        """
        from runners.disk.left_over import LeftOver
        from runners.earlier import load_earlier
        from runners.engine import Engine, Plan
        from runners.states import FleetStates
        from runners.world import World

        self._see_that_the_witness_can_speak()
        try:
            reached = self._reach()
            self._around = around = reached.around
            if self._signer and around.cloud.lab and not self.request.allow_lab:
                raise UsageError(_LAB_UNSIGNED)
            earlier = load_earlier(self.request.resumes, around.cloud.endpoint)
            started = datetime.now(UTC)
            run = Run(
                id=f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
                mode=self.request.mode,
                endpoint=around.cloud.endpoint,
                lab=around.cloud.lab,
                tenant=around.identity.tenant,
                principal=around.identity.principal,
                versions=_versions(),
                digests=self._digests(),
                shard=str(self.request.shard or ""),
                selected=self.selected,
                commits=self._commits(),
                arguments=self._arguments,
                started=started,
            )
            self.folder = EvidenceFolder(self.request.evidence, run.id)
            own = tuple(probe.file for probe in self._own_probes)
            world = World(
                around.cloud,
                reached.arm,
                reached.scheduler,
                around.provenance,
                waivers=self._waivers.waivers,
                states=FleetStates(reached.arm, reached.scheduler),
                own_probes=own,
                left_by=LeftOver(self.request.evidence).run_of,
            )
            embedded = self._scenario is not None
            plan = Plan(
                self.fleet.targets,
                self.catalogue,
                run.mode,
                self.request.consents,
                consent_implied=embedded,
                take_overs=self.request.take_overs,
                earlier=earlier,
            )
            self.engine = Engine(plan, world, run, self.folder, self.votes)
            self.votes.plan(tests)
            self.engine.start(selected)
        except ReportError as error:
            self._open.close()
            raise UsageError(str(error)) from None
        except BaseException:
            self._open.close()
            raise

    def _surroundings(self) -> AbstractContextManager[Surroundings]:
        """Return the lab, or Azure; neither where all that is to be looked at lies here."""
        if self._scenario:
            return self._scenario.surroundings()
        from runners.surroundings import azure, nowhere

        asks = self.fleet.selectors or any(target.kind != "file" for target in self.fleet.targets)
        return azure(self._way) if asks else nowhere()

    def _reach(self) -> Reached:
        """Reach Azure, or start the lab; once for the whole run."""
        from runners.reached import reach

        if self._reached is None:
            self._reached = self._open.enter_context(reach(self._surroundings(), self.request.concurrency))
        return self._reached

    def findings_for(self, process: str) -> Findings | None:
        """Return what an item of `process` asks; None where nothing was started."""
        return EngineFindings(self.engine, process) if self.engine else None

    def finish(self) -> Evidence | None:
        """Wait for what is under way, write the record and its renderings. None where nothing was started."""
        if self.engine is None or self.folder is None or self._around is None:
            return None
        from reports.render import RENDERINGS

        try:
            self.evidence = self.engine.finish()
            for name, render in RENDERINGS.items():
                self.folder.write(name, render(self.evidence))
            requests = self._around.requests()
            if requests:
                self.folder.write("lab-requests.jsonl", requests)
            if self._signer:
                self.folder.write(*_attested(self.folder.path, self.evidence, self._signer))
            return self.evidence
        finally:
            self._open.close()

    def _digests(self) -> dict[str, str]:
        from runners.engine import files_digest

        digests = {"catalogue": files_digest(self.catalogue.files)}
        if self.fleet.digest:
            digests["fleet"] = self.fleet.digest
        if self.selected:
            digests[selection.DIGEST] = selection.digest(self.selected)
        if self._waivers.digest:
            digests["waivers"] = self._waivers.digest
        if self._ca_digest:
            digests["ca"] = self._ca_digest
        return digests | folder_digests(self.request.checks)

    def _commits(self) -> dict[str, str]:
        path = self.request.waivers
        return {"waivers": commit_of(path)} if path else {}

    def _see_that_the_witness_can_speak(self) -> None:
        """Start the disk's reader once before anything is done: after the step is too late to miss a package."""
        if self.request.mode == "observe" or all(target.witness != "disk" for target in self.fleet.targets):
            return
        try:
            ready()
        except DiskError as error:
            raise UsageError(
                f"the stopped disk could not be read on this host, so no target could be proven: {error}.\n"
                "Nothing was started. Mend that (the reader needs Linux, and pip install -e '.[disk]' in the Sealproof "
                "folder), or give --observe to look only at what holds before the step."
            ) from None


def load_catalogue(folders: Sequence[Path]) -> Catalogue:
    """Return the catalogue of Sealproof's own checks and those of `folders`. Raises `UsageError`."""
    try:
        modules = [*builtin_modules()]
        for folder in folders:
            modules += custom_modules(folder)
        # A folder may be given together with one below it.
        return Catalogue.from_modules(dict.fromkeys(modules))
    except CatalogueError as error:
        raise UsageError(str(error)) from None


def _waivers(path: Path | None) -> WaiverFile:
    """Return what a file of waivers holds; nothing where none is given. Raises `UsageError`."""
    try:
        return load_waivers(path) if path else WaiverFile(Path(), (), (), "")
    except DocumentError as error:
        raise UsageError(str(error)) from None


def _signer(request: Request) -> CryptoSigner | None:
    """Return what signs the evidence, before anything is done: a key that can't sign must not be learnt at the end."""
    if not request.sign_key:
        return None
    if request.lab and not request.allow_lab:
        raise UsageError(_LAB_UNSIGNED)
    from reports.keys import load_signer

    try:
        return load_signer(request.sign_key)
    except KeyFileError as error:
        raise UsageError(f"--sign-key {error}") from None


def _attested(folder: Path, evidence: Evidence, signer: CryptoSigner) -> tuple[str, bytes]:
    """Return the name and content of the signed attestation of what lies in the folder, as it is read back."""
    from reports import attestation
    from reports.verify import Files

    return attestation.FILE_NAME, attestation.seal(attestation.statement(evidence, Files(folder)), signer)


def _versions() -> dict[str, str]:
    versions = {"python": python_platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions
