"""What the Containerfile says is compared with the program; `tools/cluster_trial image` builds it."""
import re

import image
from chart import ROOT, objects, render, run, values_file

TEXT = (ROOT / "Containerfile").read_text()
STAGES = re.split(r"^FROM ", TEXT, flags=re.M)[1:]


def test_every_library_of_the_program_is_in_the_image():
    missing = [path for path in image.libraries() if path not in image.files()]
    assert not missing, f"{missing}: name their packages in the group image of tools/packages"


def test_no_library_is_in_the_image_for_nothing():
    used = set(image.libraries())
    for package in image.listed():
        if package.startswith(("lib", "zlib")):
            done = run("dpkg-query", "-L", package)
            assert used & {image.usr_merged(path) for path in done.stdout.split()}, f"{package} is not needed"


def test_the_user_is_the_chart_s():
    made = objects(render(values_file("trial")))[("StatefulSet", "hongyan")]["spec"]["template"]["spec"]
    assert made["securityContext"]["runAsUser"] == image.USER
    assert f"USER {image.USER}:{image.USER}\n" in STAGES[-1]


def test_only_the_program_is_copied_and_both_stages_have_one_debian():
    assert re.findall(r"^COPY .*", STAGES[-1], flags=re.M) == \
        ["COPY --from=build /src/build/release/bin/hongyan /usr/local/bin/hongyan"]
    assert len({stage.split()[0] for stage in STAGES}) == 1
