use std::sync::Arc;
use std::time::{Duration, Instant};

use stagecraft_semantic::{Model, NoImages, Options, analyze};
use stagecraft_syntax::{Parse, parse};

use super::Known;
use crate::{Basis, BuilderKind, Context, ContextFile, Estimate, Plan, Surroundings, Told, plan};

fn read(source: &str) -> (Parse, Model) {
    let file = parse(source);
    let model = analyze(&file, &Options::default(), &NoImages);
    (file, model)
}

fn planned(source: &str, around: &Surroundings) -> Plan {
    let (file, model) = read(source);
    plan(&file, &model, around)
}

fn labels(source: &str) -> Vec<String> {
    let (file, model) = read(source);
    let plan = plan(&file, &model, &Surroundings::default());
    let shown = plan
        .steps
        .iter()
        .filter(|step| step.built && !step.label.is_empty());
    shown
        .map(|step| format!("{} {}", step.label, step.instruction(&file, &model)))
        .collect()
}

const GO: &str = "FROM golang:1.22 AS builder\nWORKDIR /app\nCOPY . .\nRUN go build -o /bin/myapp\n\
                  FROM alpine:3.20\nCOPY --from=builder /bin/myapp /bin/myapp\nCMD [\"/bin/myapp\"]\n";

fn around() -> Surroundings {
    Surroundings {
        context: Some(Arc::new(Context {
            files: vec![
                ContextFile {
                    path: "main.go".to_owned(),
                    size: 400,
                    count: 1,
                    content: 1,
                    mode: 0,
                },
                ContextFile {
                    path: "notes/".to_owned(),
                    size: 9_000,
                    count: 3,
                    content: 2,
                    mode: 0,
                },
            ],
            ..Context::default()
        })),
        dockerignore: None,
        platform: None,
        told: vec![Told {
            path: "/bin/myapp".to_owned(),
            step: "go build".to_owned(),
            size: 8_000_000,
            because: "measured".to_owned(),
        }],
        ..Surroundings::default()
    }
}

#[test]
fn steps_are_named_as_the_builder_names_them() {
    assert_eq!(
        labels(GO),
        [
            "[builder 1/4] FROM docker.io/library/golang:1.22",
            "[builder 2/4] WORKDIR /app",
            "[builder 3/4] COPY . .",
            "[builder 4/4] RUN go build -o /bin/myapp",
            "[stage-1 1/2] FROM docker.io/library/alpine:3.20",
            "[stage-1 2/2] COPY --from=builder /bin/myapp /bin/myapp",
        ]
    );
    assert_eq!(
        labels("FROM a\nARG V=1\nRUN echo $V <<E\nE\nWORKDIR /\nRUN <<E\nx\ny\nE\n"),
        [
            "[1/4] FROM docker.io/library/a:latest",
            "[2/4] RUN echo 1 <<E",
            "[3/4] RUN <<E (x...)",
        ]
    );
    assert_eq!(
        labels("FROM a\nRUN --mount=type=cache,target=/c true\n")[1],
        "[stage-0 2/2] RUN --mount=type=cache,target=/c true"
    );
}

#[test]
fn variables_are_shown_with_their_values_where_they_have_one() {
    let shown = |words: &str| {
        let source = format!("FROM a\nENV A=1\nRUN {words}\n");
        let (file, model) = read(&source);
        let plan = plan(&file, &model, &Surroundings::default());
        plan.steps[2].instruction(&file, &model).into_owned()
    };
    for words in [
        "echo $B ${B} ${B:-2} ${B:+$C} ${B?no} $",
        "echo $$ $1 $@ $(b) ${ ${:} $é '$B' \"$B\"",
        "echo $AB $A_ \\$A '$A'",
    ] {
        assert_eq!(shown(words), format!("RUN {words}"));
    }
    assert_eq!(shown("echo $A$B ${A} \"$A\""), "RUN echo 1$B 1 \"1\"");
    assert_eq!(shown("echo ${B:-$A} $Aé$A"), "RUN echo ${B:-$A} $Aé1");
}

#[test]
fn steps_are_found_whatever_their_keys_have_in_common() {
    for shift in [0, 5, 32, 58] {
        let mut known = Known::for_steps(60);
        let keys = || (0..60_u64).map(|number| number << shift);
        for (step, key) in keys().enumerate() {
            known.add(key, step);
            known.add(key, 99);
        }
        for (step, key) in keys().enumerate() {
            assert_eq!(known.get(key), Some(step), "{shift}");
        }
        assert_eq!(known.get(u64::MAX), None);
    }
    assert_eq!(Known::for_steps(0).get(0), None);
}

#[test]
fn a_file_keeps_its_size_from_stage_to_stage() {
    let plan = planned(GO, &around());
    let [builder, image] = &plan.images[..] else {
        panic!()
    };
    assert_eq!(image.total.likely, Some(7_800_000 + 8_000_000));
    assert_eq!(builder.total.likely, Some(823_150_000 + 9_400 + 8_000_000));
    assert_eq!(plan.single_stage.unwrap().likely, builder.total.likely);
}

#[test]
fn the_size_of_a_base_that_a_person_states_counts() {
    let source = "FROM registry.example/me/app:1\nRUN true\n";
    let total = |around: &Surroundings| planned(source, around).images[0].total.likely;
    let mut around = around();
    assert_eq!(total(&around), None);
    let name = "registry.example/me/app:1".to_owned();
    around.bases.insert(name, 5_000_000);
    assert_eq!(total(&around), Some(5_000_000));
}

#[test]
fn what_a_source_takes_is_held_once_however_many_steps_name_it() {
    let source = "FROM a\n".to_owned() + &"COPY . /y\nCOPY main.go notes /y/\n".repeat(50);
    let plan = planned(&source, &around());
    let reads = |first: usize| {
        let steps = plan.steps.iter().skip(first).step_by(2);
        steps
            .map(|step| Arc::clone(&step.reads))
            .collect::<Vec<_>>()
    };
    for all in [reads(1), reads(2)] {
        assert_eq!(*all[0], [0, 1]);
        assert!(all.iter().all(|reads| Arc::ptr_eq(reads, &all[0])));
    }
}

#[test]
fn ignored_files_weigh_nothing() {
    let mut around = around();
    around.dockerignore = Some("notes\n".into());
    let plan = planned(GO, &around);
    assert_eq!(plan.steps[2].size.likely, Some(400));
}

#[test]
fn without_a_context_a_copy_is_unknown() {
    let plan = planned(GO, &Surroundings::default());
    assert_eq!(plan.steps[2].size.likely, None);
    assert_eq!(plan.images[1].total.likely, None);
}

#[test]
fn a_chown_in_a_later_layer_copies_what_it_changes() {
    let source = "FROM scratch\nCOPY main.go /app/\nRUN chown -R 1 /app\n";
    let plan = planned(source, &around());
    assert_eq!(plan.steps[1].size.likely, Some(400));
    assert_eq!(plan.waste.len(), 1);
    assert_eq!((plan.waste[0].wrote, plan.waste[0].hid), (0, 1));
}

#[test]
fn steps_need_the_step_before_and_the_stage_that_they_copy_from() {
    let plan = planned(GO, &around());
    let needs: Vec<Vec<usize>> = plan
        .steps
        .iter()
        .map(|step| step.needs().collect())
        .collect();
    assert_eq!(needs[1], [0]);
    assert_eq!(needs[5], [4, 3]);
}

#[test]
fn an_edit_runs_what_reads_the_file_and_all_that_follows() {
    let source = "FROM a AS x\nCOPY main.go /\nRUN b\nFROM a\nCOPY notes /\nRUN c\nCOPY --from=x /main.go /\nCMD x\n";
    let around = around();
    let plan = planned(source, &around);
    let context = around.context.as_deref().unwrap();
    let again = |path| {
        let runs = plan.runs_after(context, path);
        let steps = plan.steps.iter().zip(runs);
        let lines: Vec<u32> = steps
            .filter(|(_, runs)| *runs)
            .map(|(step, _)| step.lines.0)
            .collect();
        lines
    };
    assert_eq!(again("main.go"), [2, 3, 7]);
    assert_eq!(again("notes/today.md"), [5, 6, 7]);
    assert_eq!(again("elsewhere"), [0; 0]);
}

#[test]
fn package_lists_are_counted_until_the_same_step_removes_them() {
    let kept = planned(
        "FROM scratch\nRUN apt-get update && apt-get install -y curl\n",
        &Surroundings::default(),
    );
    let gone = planned(
        "FROM scratch\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
        &Surroundings::default(),
    );
    let likely = |plan: &Plan| plan.steps[0].size.likely.unwrap();
    assert_eq!(likely(&kept) - likely(&gone), 19_860_000);
}

fn size_of(source: &str, around: &Surroundings, step: usize) -> Option<u64> {
    planned(source, around).steps[step].size.likely
}

#[test]
fn what_a_stage_installs_is_copied_with_its_size() {
    let around = Surroundings::default();
    for (installs, path) in [
        (
            "FROM node:22\nWORKDIR /app\nRUN npm install express && rm -rf /root/.npm\n",
            "/app/node_modules",
        ),
        (
            "FROM node:22\nRUN npm install -g pm2 && rm -rf /root/.npm\n",
            "/usr/local/lib/node_modules/",
        ),
        (
            "FROM debian:bookworm\nRUN python3 -m venv /venv\nRUN pip install --no-cache-dir flask\n",
            "/venv",
        ),
        (
            "FROM python:3.12\nRUN pip install --no-cache-dir --target=/deps flask\n",
            "/deps",
        ),
        (
            "FROM python:3.12\nRUN pip install flask\n",
            "/usr/local/lib/python3.12/site-packages",
        ),
    ] {
        let source = format!("{installs}FROM scratch\nCOPY --from=0 {path} {path}\n");
        let plan = planned(&source, &around);
        let copied = &plan.steps.last().unwrap().size;
        assert!(copied.likely.unwrap() > 1_000_000, "{source}: {copied:?}");
        assert!(
            copied
                .basis
                .iter()
                .any(|basis| matches!(basis, Basis::Packages { .. })),
            "{source}: {copied:?}"
        );
        assert!(copied.basis.contains(&Basis::Stage), "{source}");
    }
}

#[test]
fn a_folder_in_which_a_program_may_have_written_is_not_known() {
    let source = |run: &str| {
        format!(
            "FROM a AS x\nCOPY main.go /app/\nRUN {run}\nFROM scratch\nCOPY --from=x /app /app\n"
        )
    };
    assert_eq!(size_of(&source("true"), &around(), 3), Some(400));
    assert_eq!(size_of(&source("./configure"), &around(), 3), None);
}

#[test]
fn a_copy_within_the_image_weighs_what_it_copies() {
    let source = "FROM a\nCOPY main.go /app/\nRUN cp -r /app /app2\nRUN cp /app2/main.go /x\n";
    assert_eq!(size_of(source, &around(), 2), Some(400));
    let source = "FROM a\nCOPY main.go /app/\nRUN cp -r /lib /lib2\n";
    assert_eq!(size_of(source, &around(), 2), None);
}

#[test]
fn what_changes_a_file_of_an_earlier_layer_copies_it() {
    let step = |line: &str| {
        let source = format!("FROM alpine\nCOPY main.go /app/\nRUN {line}\n");
        let plan = planned(&source, &around());
        (plan.steps[2].size.clone(), plan.waste.len())
    };
    for line in [
        "setcap cap_net_bind_service=+ep /app/main.go",
        "touch /app/main.go",
        "sed -i 's/a/b/' /app/main.go",
        "sed -ri -e s/a/b/ -e s/c/d/ /app/main.go",
        "cd /app && sed --in-place=.bak s/a/b/ main.go",
    ] {
        let (size, waste) = step(line);
        assert_eq!((size.likely, waste), (Some(400), 1), "{line}");
    }
    let (size, waste) = step("strip /app/main.go");
    assert_eq!(
        (size.low, size.likely, size.high),
        (40, Some(300), Some(400))
    );
    assert_eq!(waste, 1);
    for line in ["sed s/a/b/ /app/main.go", "touch /app/new", "touch /app"] {
        assert_eq!((step(line).0.likely, step(line).1), (Some(0), 0), "{line}");
    }
}

#[test]
fn what_a_change_of_files_copies_that_nobody_knows_is_unknown() {
    let last = |lines: &str| {
        let plan = planned(
            &format!("FROM alpine\nWORKDIR /w\n{lines}\n"),
            &Surroundings::default(),
        );
        plan.steps.last().unwrap().size.likely
    };
    for lines in [
        "COPY run.sh /run.sh\nRUN chmod +x /run.sh",
        "COPY run.sh /bin/\nRUN chmod +x /bin/run.sh",
        "COPY . /app\nRUN chown -R me /app",
        "COPY . .\nRUN chown -R me .",
        "RUN curl -LO https://a.example/kubectl\nRUN chmod +x kubectl",
        "RUN mkdir /app\nCOPY . /app\nRUN chown -R me /app",
        "RUN chown -R me /usr/share/dotnet",
        "RUN chmod -R a+w /var",
        "RUN chown me /x && chmod 700 /x",
        "RUN setcap cap_net_raw+ep /usr/bin/x",
        "RUN strip /usr/bin/x",
        "RUN sh -c 'chmod +x /x'",
    ] {
        assert_eq!(last(lines), None, "{lines}");
    }
    for lines in [
        "RUN mkdir -p /data && chown -R me:me /data",
        "RUN mkdir /data\nRUN chown -R me /data",
        "RUN mkdir -p /a/b && chown -R me /a",
        "RUN touch /x && chmod 600 /x",
        "RUN true > /etc/x && chmod 600 /etc/x",
        "RUN ln -s /bin/a /bin/b && chmod +x /bin/b",
        "RUN chmod 1777 /tmp",
        "RUN cd /tmp && mkdir x && chmod 777 x",
        "RUN sh -c 'mkdir /x && chmod 777 /x'",
        "COPY . /app\nRUN chown me /app",
    ] {
        assert_eq!(last(lines), Some(0), "{lines}");
    }
    // What makes users makes their folders, and packages have files anywhere.
    assert_eq!(
        last("RUN adduser -D me && chown -R me /home/me"),
        Some(4_300)
    );
    assert!(last("RUN apk add nginx && chown -R nginx /var/lib/nginx").is_some());
    // Settings that are edited are of a few kilobytes.
    assert_eq!(last("RUN sed -i s/a/b/ /etc/x.conf"), Some(2_500));
    assert_eq!(last("RUN echo a > /x && sed -i s/a/b/ /x"), Some(2));
    // Of what is not known nothing is said to be transferred.
    for line in ["./x", "chmod +x /x"] {
        let plan = planned(&format!("FROM a\nRUN {line}\n"), &Surroundings::default());
        assert_eq!(plan.steps[1].compressed, crate::Span::UNKNOWN, "{line}");
    }
    // Who wrote what is hidden is known all the same.
    let plan = planned(
        "FROM alpine\nCOPY . /app\nRUN chown -R me /app\n",
        &Surroundings::default(),
    );
    assert_eq!(
        (plan.waste[0].wrote, plan.waste[0].hid, &*plan.waste[0].what),
        (1, 2, "/app")
    );
}

#[test]
fn what_goes_to_a_file_is_what_the_program_prints() {
    let size = |line: &str| {
        let plan = planned(
            &format!("FROM alpine\nRUN {line}\n"),
            &Surroundings::default(),
        );
        let size = &plan.steps.last().unwrap().size;
        (size.likely, size.high)
    };
    for (line, bytes) in [
        ("{ echo abc; echo de; } > /x", 7),
        ("( printf abc; echo x > /y; echo z ) >> /x", 7),
        ("> /x", 0),
        ("echo abc > /a && cat /a /a > /b", 12),
        ("true > /x", 0),
    ] {
        assert_eq!(size(line), (Some(bytes), Some(bytes)), "{line}");
    }
    for line in [
        "date > /x",
        "for a in 1 2; do echo $a; done > /x",
        "{ echo a; date; } > /x",
    ] {
        assert_eq!(size(line), (Some(200), Some(20_000)), "{line}");
    }
    // What is added to a file copies it, but nothing stays of what the builder mounts.
    assert_eq!(
        size("echo a >> /etc/bash.bashrc"),
        (Some(1_002), Some(5_002))
    );
    for (line, most) in [
        ("install -d -m 755 -o me /x /y", 0),
        ("install --directory --mode 0755 /x", 0),
        ("echo abc > /x && install -m 755 /x /usr/bin/y", 8),
        ("echo abc > /x && install -D -o root /x /usr/bin/", 8),
        ("echo abc > /x && install -m755 -odaemon /x /y", 8),
        ("echo abc > /x && echo d > /y && cp -t /usr/bin /x /y", 12),
        ("install -dm755 /x", 0),
    ] {
        assert_eq!(size(line), (Some(most), Some(most)), "{line}");
    }
    assert_eq!(size("install -m 755 /src/x /usr/bin/y"), (None, None));
    // A package may have brought the file.
    for (line, likely, most) in [
        ("echo a >> /etc/nginx/nginx.conf", 1_002, 60_002),
        ("echo a >> /etc/php/8.2/fpm/pool.d/www.conf", 2, 60_002),
        ("echo a | tee -a /etc/nginx/nginx.conf", 1_200, 80_000),
        ("echo a > /etc/nginx/nginx.conf", 2, 2),
        ("echo a > /etc/x; echo b >> /etc/x", 4, 4),
    ] {
        assert_eq!(size(line), (Some(likely), Some(most)), "{line}");
    }
    assert_eq!(size("echo a >> /etc/hosts"), (Some(0), Some(0)));
    let source = "FROM alpine\nRUN echo abc > /x\nRUN echo d >> /x\n";
    let plan = planned(source, &Surroundings::default());
    assert_eq!(plan.steps[2].size.likely, Some(6));
    // That of a download stays unknown when it is copied.
    for line in [
        "wget -qO- http://a.example/x > /x",
        "cat /etc/x > /x",
        "{ echo a; ./x; } > /x",
        "cat > /x",
    ] {
        let source = format!("FROM alpine AS a\nRUN {line}\nFROM scratch\nCOPY --from=a /x /x\n");
        let plan = planned(&source, &Surroundings::default());
        assert_eq!(plan.steps.last().unwrap().size.likely, None, "{line}");
    }
}

#[test]
fn what_is_fetched_of_programs_that_many_fetch_is_known() {
    const GO: &str = "https://go.dev/dl/go1.22.5.linux-amd64.tar.gz";
    let (held, archive) = (222_100_000, 69_400_000);
    let size = |line: &str| {
        let line = line.replace("GO", GO);
        let source = format!("FROM debian:12\nENV VERSION=1.22.5\n{line}\n");
        let plan = planned(&source, &Surroundings::default());
        plan.steps.last().unwrap().size.likely
    };
    let name = "go1.22.5.linux-amd64.tar.gz";
    for (line, expected) in [
        ("RUN curl -fsSL GO | tar -C /usr/local -xz", Some(held)),
        ("RUN wget -qO- GO | tar -xzf - -C /usr/local", Some(held)),
        ("RUN curl -fsSLO GO", Some(archive)),
        ("RUN wget -q GO -O /tmp/go.tgz", Some(archive)),
        ("RUN wget -q GO -O /dev/null", Some(0)),
        ("RUN curl -fsSL GO > /tmp/go.tgz", Some(archive)),
        (
            "RUN wget -q GO && tar -C /usr/local -xzf go1.22.5.linux-amd64.tar.gz",
            Some(held + archive),
        ),
        (
            "RUN wget -q GO -O /tmp/go.tgz && tar -C /opt -xzf /tmp/go.tgz && rm /tmp/go.tgz",
            Some(held),
        ),
        (
            "RUN curl -L https://dl.google.com/go/go${VERSION}.linux-amd64.tar.gz | tar xz",
            Some(held),
        ),
        ("RUN curl -fsSL GO | sha256sum", Some(0)),
        ("RUN curl -o /k.asc https://a.example/k.asc", Some(3_000)),
        (
            "RUN curl -o /k.asc https://a.example/k.asc && rm /k.asc",
            Some(0),
        ),
        ("ADD GO /opt/", Some(archive)),
        ("ADD --unpack=true GO /opt/", Some(held)),
        ("ADD https://a.example/go.tar.gz /opt/", None),
        // Only a part of it, or what nobody knows.
        ("RUN curl -fsSL GO | tar xz go/bin", None),
        ("RUN curl -fsSL GO GO | tar xz", None),
        ("RUN curl -fsSL https://a.example/a.tgz | tar xz", None),
        ("RUN curl -fsSL GO; true; tar xz", None),
        ("RUN tar xz", None),
    ] {
        assert_eq!(size(line), expected, "{line}");
    }
    // Some of it may be taken away again.
    let low = |line: &str| {
        let line = line.replace("GO", GO);
        let plan = planned(
            &format!("FROM debian:12\n{line}\n"),
            &Surroundings::default(),
        );
        plan.steps.last().unwrap().size.low
    };
    let unpack = "RUN curl -fsSL GO | tar -C /usr/local -xz";
    for (line, is_less) in [
        ("find /usr/local/go -name '*_test.go' -delete", true),
        ("find /usr/local/go/src -name x -exec rm -rf {} +", true),
        ("cd /usr/local && find . -name x -exec rm -rf {} +", true),
        (
            "find / \\( -name x -o -name y \\) -print0 | xargs -0 rm",
            true,
        ),
        ("find /usr/local -name x", false),
        ("find /usr/local -name x -exec chmod 1 {} +", false),
        ("find /opt -name x -delete", false),
    ] {
        assert_eq!(low(&format!("{unpack} && {line}")) == 0, is_less, "{line}");
    }
    // In a later step it is known by its name.
    let later = format!("ADD GO /tmp/\nRUN tar -C /opt -xzf /tmp/{name}");
    assert_eq!(size(&later), Some(held));
    let context = format!("COPY {name} /tmp/\nRUN tar -C /opt -xzf /tmp/{name}");
    assert_eq!(size(&context), Some(held));
    // What a later step removes is waste.
    let source = format!("FROM debian:12\nADD {GO} /tmp/\nRUN rm /tmp/{name}\n");
    let plan = planned(&source, &Surroundings::default());
    assert_eq!(plan.waste.len(), 1);
    assert_eq!(plan.waste[0].size.likely, Some(archive));
    // It is packed already.
    assert_eq!(plan.steps[1].compressed.likely, Some(archive));
}

#[test]
fn what_is_printed_of_a_download_is_in_no_file_unless_somebody_writes_it() {
    let size = |line: &str| {
        let source = format!("FROM debian:12\nRUN {line}\n");
        let plan = planned(&source, &Surroundings::default());
        plan.steps.last().unwrap().size.clone()
    };
    for (line, most) in [
        ("curl -s https://a.example/x", 0),
        ("curl -s https://a.example/x | grep y | sort", 0),
        ("wget -qO- https://a.example/x | sha256sum -c -", 0),
        ("curl -s https://a.example/x; ls > /y", 20_000),
        ("curl -s https://a.example/x | grep y && ls > /y", 20_000),
        (
            "curl -s https://a.example/x.list | tee /etc/apt/sources.list.d/x.list",
            20_000,
        ),
        (
            "curl -s https://a.example/x.list | sed s/a/b/ > /etc/apt/sources.list.d/x.list",
            20_000,
        ),
        (
            "curl -s https://a.example/x.gpg > /etc/apt/keyrings/x.gpg",
            20_000,
        ),
        (
            "curl -s https://download.docker.com/linux/debian/gpg | gpg --dearmor -o /k.gpg",
            100_000,
        ),
    ] {
        assert!(size(line).high.is_some_and(|high| high <= most), "{line}");
    }
    for line in [
        "curl -s https://a.example/x > /x",
        "curl -s https://a.example/x | tee /x",
        "curl -s https://a.example/x | cat > /x",
        "curl -s https://a.example/x | sed s/a/b/ > /x",
        "curl -s https://a.example/x | tr a b | tee /x",
        "curl -s https://a.example/x | bash",
        "curl -s https://a.example/x | tar x",
        "curl -s https://a.example/x | gunzip > /x",
        "curl -s https://a.example/x | install /dev/stdin /x",
        "curl -sO https://a.example/x",
        "wget https://a.example/x",
    ] {
        assert_eq!(size(line).likely, None, "{line}");
    }
}

#[test]
fn a_setting_is_a_line_whatever_the_program_may_write_besides() {
    let size = |line: &str| {
        let source = format!("FROM debian:12\nRUN {line}\n");
        let plan = planned(&source, &Surroundings::default());
        plan.steps.last().unwrap().size.likely
    };
    for (line, expected) in [
        ("git config --global user.name me", Some(50)),
        ("git rev-parse HEAD > /version", Some(200)),
        ("git clone https://a.example/a", None),
        ("git -C /a config x y", None),
        (
            "conda config --add channels x && conda clean -afy",
            Some(50),
        ),
        ("composer config x y", Some(50)),
        ("composer install", None),
        ("bundle config set deployment true", Some(50)),
        ("bundle install", None),
        ("jq . /x | sort", Some(0)),
        ("config x", None),
    ] {
        assert_eq!(size(line), expected, "{line}");
    }
}

#[test]
fn what_is_built_is_somewhere_within_what_its_kind_takes() {
    let range = |steps: &str| {
        let plan = planned(steps, &Surroundings::default());
        let size = &plan.steps.last().unwrap().size;
        let megabytes = |bytes: u64| bytes / 1_000_000;
        assert_eq!(size.likely, None, "{steps}");
        size.high.map(|high| (megabytes(size.low), megabytes(high)))
    };
    for (steps, expected) in [
        (
            "RUN go build -o /bin/app .\nFROM scratch\nCOPY --from=a /bin/app /",
            Some((1, 300)),
        ),
        (
            "RUN cd /x && go build -o app && mv app /y\nFROM scratch\nCOPY --from=a /y /",
            Some((1, 300)),
        ),
        (
            "RUN go build -o=/out/ ./...\nFROM scratch\nCOPY --from=a /out /",
            None,
        ),
        ("RUN go build\nFROM scratch\nCOPY --from=a /app /", None),
        (
            "RUN cargo build --release\nFROM scratch\nCOPY --from=a /x/target/release/app /",
            Some((0, 300)),
        ),
        ("WORKDIR /x\nRUN cp target/release/app /app", Some((0, 300))),
        (
            "RUN dotnet publish -c Release -o /out\nFROM scratch\nCOPY --from=a /out /app",
            Some((0, 400)),
        ),
        (
            "RUN cd /x && dotnet publish --output=y\nFROM scratch\nCOPY --from=a /x/y /app",
            Some((0, 400)),
        ),
        (
            "RUN dotnet publish\nFROM scratch\nCOPY --from=a /x/bin /app",
            None,
        ),
        ("RUN dotnet restore", Some((0, 800))),
        (
            "WORKDIR /app\nRUN go build -o /app\nFROM scratch\nCOPY --from=a /app /",
            None,
        ),
        (
            "RUN mvn package\nFROM scratch\nCOPY --from=a /x/target/*.jar /",
            Some((0, 500)),
        ),
    ] {
        let steps = format!("FROM golang:1.22 AS a\n{steps}\n");
        assert_eq!(range(&steps), expected, "{steps}");
    }
}

#[test]
fn what_a_script_builds_is_no_more_than_it_may_write() {
    let around = project("{}");
    let size = |steps: &str, around: &Surroundings| {
        let source = format!("FROM node:20 AS a\nWORKDIR /app\n{steps}\n");
        let plan = planned(&source, around);
        let size = &plan.steps.last().unwrap().size;
        (size.low, size.likely, size.high)
    };
    let build = "COPY . .\nRUN npm run build\nFROM nginx\nCOPY --from=a";
    let range = (0, None, Some(100_000_000));
    let open = (0, None, None);
    for (copied, expected) in [
        ("/app/dist /usr/share/nginx/html", range),
        ("/app/package.json /", (200, Some(200), Some(200))),
        ("/usr/lib /x", open),
        ("/srv/dist /x", open),
    ] {
        assert_eq!(
            size(&format!("{build} {copied}"), &around),
            expected,
            "{copied}"
        );
    }
    // An image has files in the root as well.
    let root = build.replace("COPY . .", "COPY . /");
    assert_eq!(size(&format!("{root} /dist /x"), &around), open);
    // Without the context it may be of that, and without a script of nobody knows whom.
    let copied = format!("{build} /app/dist /x");
    assert_eq!(size(&copied, &Surroundings::default()), open);
    assert_eq!(
        size("FROM nginx\nCOPY --from=a /app/dist /x", &around),
        open
    );
    let more = "RUN npm run build && make\nFROM nginx\nCOPY --from=a /app/dist /x";
    assert_eq!(size(more, &around), open);
}

#[test]
fn composer_comes_with_its_installer() {
    let size = |line: &str| {
        let source = format!("FROM php:8.3-cli\nWORKDIR /app\nRUN {line}\n");
        let plan = planned(&source, &Surroundings::default());
        let last = plan.steps.last().unwrap();
        last.size.likely
    };
    let url = "https://getcomposer.org/installer";
    let composer = Some(3_100_000);
    for line in [
        format!("curl -sS {url} | php"),
        format!("curl -sS {url} | php -- --install-dir=/usr/local/bin --filename=composer"),
        format!("curl -sS {url} | php && mv composer.phar /usr/local/bin/composer"),
        format!(
            "curl -sS {url} -o composer-setup.php && php composer-setup.php --quiet && rm composer-setup.php"
        ),
        format!(
            "php -r \"copy('{url}', 'composer-setup.php');\" && php -r \"if (hash_file('sha384', 'composer-setup.php') === 'x') {{ echo 'ok'; }}\" && php composer-setup.php --install-dir /usr/local/bin && php -r \"unlink('composer-setup.php');\""
        ),
        "wget -qO /usr/bin/composer https://getcomposer.org/download/2.7.1/composer.phar"
            .to_owned(),
    ] {
        assert_eq!(size(&line), composer, "{line}");
    }
    let removed = format!(
        "curl -sS {url} | php -- --install-dir=/tmp && php /tmp/composer.phar && rm /tmp/composer.phar"
    );
    assert_eq!(size(&removed), None);
    assert_eq!(
        size(&format!(
            "curl -sS {url} | php -- --install-dir=/tmp && rm /tmp/composer.phar"
        )),
        Some(0)
    );
    assert_eq!(size("php -v"), Some(0));
    assert_eq!(size("php -r 'file_put_contents(1, 2);'"), None);
    assert_eq!(size("php artisan optimize"), None);
}

#[test]
fn pip_comes_with_its_own_script() {
    let size = |line: &str| {
        let source = format!("FROM debian:12\nRUN {line}\n");
        let plan = planned(&source, &Surroundings::default());
        plan.steps.last().unwrap().size.likely
    };
    let url = "https://bootstrap.pypa.io/get-pip.py";
    let by_pip = size("pip install pip setuptools wheel");
    assert!(by_pip > Some(10_000_000), "{by_pip:?}");
    for line in [
        format!("curl -sS {url} | python3"),
        format!("curl -sS {url} | python3 -"),
        format!("curl -sSO {url} && python3 get-pip.py && rm get-pip.py"),
    ] {
        assert_eq!(size(&line), by_pip, "{line}");
    }
    assert!(size(&format!("wget {url} && python get-pip.py")) > by_pip);
    assert_eq!(size("curl -sS https://a.example/x.py | python3"), None);
}

#[test]
fn what_powershell_and_others_write_is_unknown() {
    for lines in [
        "SHELL [\"powershell\", \"-Command\"]\nRUN Write-Host 1; Expand-Archive a.zip",
        "RUN <<E\n#!/usr/bin/env python3\nopen('x', 'w').write('1')\nE",
    ] {
        let plan = planned(&format!("FROM a\n{lines}\n"), &Surroundings::default());
        assert_eq!(plan.steps.last().unwrap().size.likely, None, "{lines}");
    }
}

#[test]
fn what_is_often_copied_out_of_images_is_known() {
    let source = "FROM node:20 AS base\nFROM base AS node\nRUN true\nFROM scratch\n\
                  COPY --from=node /usr/local/bin/node /etc/passwd /\n\
                  COPY --from=ghcr.io/astral-sh/uv:0.13 /uv /uvx /bin/\n\
                  COPY --from=node /etc/ssl/certs/ /etc/ssl/certs/\nCOPY --from=node /opt /opt\n";
    let plan = planned(source, &Surroundings::default());
    let sizes = plan.steps.iter().filter(|step| step.stage.index() == 2);
    let sizes: Vec<_> = sizes.map(|step| step.size.likely).collect();
    assert_eq!(
        sizes,
        [Some(98_901_000), Some(44_420_000), Some(219_000), None]
    );
}

#[test]
fn a_chown_that_changes_nothing_weighs_nothing() {
    for (copy, run, bytes) in [
        ("COPY", "chown -R root:root /app", 0),
        ("COPY", "chown -R root /app", 0),
        ("COPY", "chown -R app /app", 400),
        ("COPY --chown=app", "chown -R app:app /app", 0),
        ("COPY --chown=app", "chown -R root /app", 400),
        // Without -R only the folder itself is changed.
        ("COPY", "chown app /app", 0),
        ("COPY", "chown app /app/main.go", 400),
    ] {
        let source = format!("FROM a\n{copy} main.go /app/\nRUN {run}\n");
        assert_eq!(size_of(&source, &around(), 2), Some(bytes), "{source}");
    }
}

#[test]
fn the_old_builder_keeps_nothing_of_what_run_writes_into_a_volume() {
    let legacy = Surroundings {
        builder: BuilderKind::Legacy,
        ..around()
    };
    let sizes = |source: &str, step: usize| {
        let size = |around: &Surroundings| size_of(source, around, step);
        (size(&around()).unwrap(), size(&legacy).unwrap())
    };
    let write = "RUN printf 12345 > /data/x && printf 123 > /database\n";
    for volume in [
        "VOLUME /data",
        "VOLUME [\"/tmp\", \"/data/\"]",
        "ENV D=/data\nVOLUME $D",
    ] {
        let source = format!("FROM scratch\n{volume}\n{write}");
        let steps = planned(&source, &legacy).steps.len();
        assert_eq!(sizes(&source, steps - 1), (8, 3), "{volume}");
    }
    // Only what follows, in this stage and in those upon it.
    let before = format!("FROM scratch\n{write}VOLUME /data\n");
    assert_eq!(sizes(&before, 0), (8, 8));
    let upon = format!("FROM scratch AS x\nVOLUME /data\nFROM x\n{write}FROM scratch\n{write}");
    assert_eq!(sizes(&upon, 1), (8, 3));
    assert_eq!(sizes(&upon, 2), (8, 8));
    // COPY runs no container, and what RUN does to its files is lost.
    let copy = "FROM scratch\nVOLUME /data\nCOPY main.go /data/\nRUN chown -R app /data\n";
    assert_eq!(sizes(copy, 1), (400, 400));
    assert_eq!(sizes(copy, 2), (400, 0));
    assert!(planned(copy, &legacy).waste.is_empty());
    for (image, volume, run) in [
        (
            "node:22",
            "/app",
            "cd /app && npm install express && rm -rf /root/.npm",
        ),
        (
            "python:3.12",
            "/deps",
            "pip install --no-cache-dir --target=/deps flask",
        ),
    ] {
        let source = format!("FROM {image}\nVOLUME {volume}\nRUN {run}\nRUN {run}\n");
        let (kept, lost) = sizes(&source, 2);
        assert!(kept > lost + 1_000_000, "{source}: {kept} {lost}");
        let copied = format!("{source}FROM scratch\nCOPY --from=0 {volume} /\n");
        assert!(size_of(&copied, &around(), 4).is_some_and(|size| size > 1_000_000));
        assert!(
            size_of(&copied, &legacy, 4).is_none_or(|size| size == 0),
            "{source}"
        );
    }
    let mut told = legacy.clone();
    told.told[0].path = "/data/app".to_owned();
    told.told[0].step = "make".to_owned();
    let source = "FROM scratch\nRUN make\nVOLUME /data\nRUN make\n";
    assert_eq!(size_of(source, &told, 0), Some(8_000_000));
    assert_eq!(size_of(source, &told, 2), Some(0));
}

#[test]
fn what_is_changed_lies_in_the_folder_that_the_step_has_gone_to() {
    for (run, size, wasted) in [
        ("cd /app && chown -R 1 .", 400, 1),
        ("cd /app && rm main.go", 0, 1),
        ("cd / && cd app && rm main.go", 0, 1),
        ("cd /app && (cd /tmp && true) && rm main.go", 0, 1),
        ("(cd /app && true) && (rm main.go)", 0, 0),
        ("(cd /app; (cd /tmp; true); (rm main.go))", 0, 1),
        ("(A=/app; true); rm $A/main.go", 0, 0),
        ("sh -c 'cd /app'; rm main.go", 0, 0),
        ("eval 'cd /app'; rm main.go", 0, 1),
        ("cd /tmp && rm main.go", 0, 0),
        ("cd $WHERE && rm main.go", 0, 0),
    ] {
        let source = format!("FROM scratch\nWORKDIR /srv\nCOPY main.go /app/\nRUN {run}\n");
        let plan = planned(&source, &around());
        let last = plan.steps.last().unwrap();
        assert_eq!(last.size.likely, Some(size), "{run}");
        assert_eq!(plan.waste.len(), wasted, "{run}");
    }
}

#[test]
fn what_a_shell_is_given_counts_as_if_it_stood_there() {
    let around = Surroundings::default();
    let size = |step: &str| {
        let source = format!("FROM debian:bookworm-slim\nWORKDIR /w\n{step}\n");
        planned(&source, &around).steps.pop().unwrap().size.clone()
    };
    let install = "apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*";
    let plain = size(&format!("RUN {install}"));
    assert!(plain.likely.unwrap() > 5_000_000);
    for run in [
        format!("RUN sh -c '{install}'"),
        format!("RUN bash -eo pipefail -c \"{install}\""),
        format!("RUN sudo /bin/sh -xc '{install}'"),
        format!("RUN su root -c '{install}'"),
        format!("RUN eval '{install}'"),
        format!("RUN if true; then sh -c '{install}'; fi"),
        format!("RUN [\"/bin/sh\", \"-c\", \"{install}\"]"),
    ] {
        assert_eq!(size(&run), plain, "{run}");
    }
    let apart = size("RUN [\"apt-get\", \"install\", \"-y\", \"curl\"]");
    assert_eq!(apart, size("RUN apt-get install -y curl"));
    assert_eq!(size("RUN [\"rm\", \"-rf\", \"/tmp/x\"]").likely, Some(0));
    // Where it goes, only it is.
    let here = size("RUN sh -c 'cd /tmp && echo abc > a' && echo abc > a && rm /w/a");
    assert_eq!(here.likely, Some(4));
    let there = size("RUN sh -c 'A=abc; echo $A > a; rm a'");
    assert_eq!(there.likely, Some(0));
    // What it prints is not read.
    assert_eq!(size("RUN sh -c 'ls /' > a"), size("RUN ls / > a"));
    // A script that is a file may do anything.
    for open in [
        "RUN sh build.sh",
        "RUN sh -c build.sh",
        "RUN sh -c \"$WHAT\"",
        "RUN [\"/x\"]",
    ] {
        assert_eq!(size(open).likely, None, "{open}");
    }
}

#[test]
fn an_archive_that_add_takes_apart_weighs_what_it_holds() {
    let file = |path: &str, size| ContextFile {
        path: path.to_owned(),
        size,
        count: 1,
        ..ContextFile::default()
    };
    let files = vec![
        file("a/in.tgz", 3_000),
        file("app.tar.gz", 1_000_000),
        file("more.tar.gz", 1_000),
        file("notes.txt", 7),
        file("old.zip", 50),
    ];
    let mut context = Context {
        files,
        ..Context::default()
    };
    context.archives.insert("more.tar.gz".to_owned(), 5_000);
    let around = Surroundings {
        context: Some(Arc::new(context)),
        ..Surroundings::default()
    };
    let size = |line: &str| {
        let source = format!("FROM scratch\n{line}\n");
        planned(&source, &around).steps[0].size.clone()
    };
    let app = size("ADD app.tar.gz /x");
    assert!(
        app.low < 1_000_000 && app.likely == Some(3_300_000),
        "{app:?}"
    );
    // Somebody has looked into it.
    assert_eq!(size("ADD more.tar.gz /x").likely, Some(5_000));
    assert_eq!(size("ADD ./*.tar.gz /x/").likely, Some(3_305_000));
    assert_eq!(size("ADD *r.gz notes.txt /x/").likely, Some(3_305_007));
    // Nothing else takes any apart, nor does ADD those in a folder, or what is no tar.
    assert_eq!(size("COPY app.tar.gz /x").likely, Some(1_000_000));
    assert_eq!(
        size("ADD --unpack=false app.tar.gz /x").likely,
        Some(1_000_000)
    );
    assert_eq!(size("ADD a /x/").likely, Some(3_000));
    assert_eq!(size("ADD old.zip /x/").likely, Some(50));
    assert_eq!(size("ADD a/*.tgz /x/").likely, Some(9_900));
    // A command that takes one apart does the same.
    let run = |line: &str| {
        let source =
            format!("FROM alpine\nWORKDIR /tmp\nCOPY app.tar.gz old.zip /tmp/\nRUN {line}\n");
        planned(&source, &around).steps[3].size.clone()
    };
    for line in [
        "tar xzf /tmp/app.tar.gz -C /srv && rm /tmp/app.tar.gz",
        "tar -xf app.tar.gz && rm app.tar.gz",
        "cp app.tar.gz /srv/b.tgz && cd /srv && tar xf b.tgz && rm b.tgz",
    ] {
        assert_eq!(run(line), app, "{line}");
    }
    assert_eq!(run("unzip old.zip -d /opt").likely, Some(165));
    assert_eq!(run("tar tf app.tar.gz").likely, Some(0));
    assert_eq!(
        run("tar xf app.tar.gz -C /srv && rm -r /srv").likely,
        Some(0)
    );
    assert_eq!(run("tar xf app.tar.gz -C /srv && rm -r /srv/doc").low, 0);
    for line in [
        "tar xf other.tar.gz",
        "tar czf a.tgz /srv",
        "tar xf app.tar.gz one.txt",
    ] {
        assert_eq!(run(line).likely, None, "{line}");
    }
    // It lies in the folder with what is there.
    let source = "FROM scratch AS a\nADD app.tar.gz /x\nADD more.tar.gz /x\nCOPY notes.txt /x/\n\
                  FROM scratch\nCOPY --from=a /x /y\n";
    let plan = planned(source, &around);
    assert_eq!(plan.steps[3].size.likely, Some(3_305_007));
}

#[test]
fn what_nodesource_has_is_not_debians_nodejs() {
    let own = "RUN apt-get install -y nodejs\n";
    let script = "curl -fsSL https://deb.nodesource.com/setup_20.x";
    let line =
        "echo \"deb [signed-by=/k.gpg] https://deb.nodesource.com/node_$MAJOR.x nodistro main\"";
    let file = "/etc/apt/sources.list.d/nodesource.list";
    let size = |added: &str| {
        let source = format!("FROM debian:bookworm\nARG MAJOR=20\n{added}{own}");
        let plan = planned(&source, &Surroundings::default());
        plan.steps.last().unwrap().size.likely.unwrap()
    };
    let debians = size("");
    for added in [
        format!("RUN {script} | bash -\n"),
        format!("RUN {script} | sudo -E bash -\n"),
        format!("RUN {script} -o /tmp/a.sh && bash /tmp/a.sh\n"),
        format!("RUN {line} > {file} && apt-get update\n"),
        format!("RUN {line} | tee {file} && apt-get update\n"),
        format!("RUN add-apt-repository \"{}\"\n", line.get(6..70).unwrap()),
    ] {
        let size = size(&added);
        assert!((200_000_000..250_000_000).contains(&size), "{added} {size}");
    }
    assert_eq!(
        size("RUN echo https://deb.nodesource.com/node_20.x\n"),
        debians
    );
    // It is there already.
    assert!(
        size(&format!(
            "RUN {script} | bash - && apt-get install nodejs\n"
        )) < 2_000_000
    );
    // What the script installs is known.
    let source = format!(
        "FROM debian:bookworm\nRUN {script} | bash - && apt-get install nodejs && rm -rf /var/lib/apt/lists/*\n"
    );
    let plan = planned(&source, &Surroundings::default());
    assert!(plan.steps[1].size.likely > Some(200_000_000));
}

#[test]
fn a_package_of_another_repository_weighs_about_what_debians_does() {
    let own = "RUN apt-get install -y postgresql-client\n";
    let size = |added: &str| {
        let source = format!("FROM debian:bookworm\n{added}{own}");
        let plan = planned(&source, &Surroundings::default());
        plan.steps.last().unwrap().size.clone()
    };
    let added = size(
        "RUN echo 'deb https://apt.postgresql.org/pub/repos/apt bookworm-pgdg main' > /etc/apt/sources.list.d/pgdg.list\n",
    );
    let debians =
        size("RUN echo 'deb https://ftp.debian.org/debian sid main' > /etc/apt/sources.list\n");
    assert_eq!(size(""), debians);
    assert_eq!(added.likely, debians.likely);
    assert!(added.low < debians.low / 3 * 2 && added.high > debians.high);
}

#[test]
fn an_extension_that_php_loads_is_a_line_and_on_alpine_the_list_of_packages_too() {
    let around = Surroundings::default();
    let size = |base: &str, names: &str| {
        let source = format!("FROM {base}\nRUN docker-php-ext-enable {names}\n");
        size_of(&source, &around, 1).unwrap()
    };
    assert_eq!(size("php:8.3-cli", "sodium"), 25);
    assert_eq!(size("php:8.3-cli", "sodium opcache"), 50);
    assert_eq!(size("php:8.3-cli-alpine", "sodium"), 65_025);
}

#[test]
fn what_is_printed_goes_to_the_last_file_that_it_is_sent_to() {
    let around = Surroundings::default();
    let size = |run: &str| size_of(&format!("FROM scratch\nRUN {run}\n"), &around, 0);
    assert_eq!(size("echo abc > /a > /b"), Some(4));
    assert_eq!(size("echo abc > /a > /b && echo d > /a"), Some(6));
    assert_eq!(size("echo abc > /a 2> /b"), Some(4));
    assert_eq!(size("echo abc > /a > /dev/null"), Some(0));
    assert_eq!(size("echo abc > /a 2> /dev/null"), Some(4));
}

#[test]
fn of_very_many_volumes_the_first_are_looked_at() {
    let around = Surroundings {
        builder: BuilderKind::Legacy,
        ..Surroundings::default()
    };
    let many: Vec<String> = (0..300).map(|at| format!("VOLUME /v{at}\n")).collect();
    let many = many.concat();
    let size = |path: &str| {
        let source = format!("FROM a\n{many}RUN echo abc > {path}\n");
        planned(&source, &around).steps.last().unwrap().size.likely
    };
    assert_eq!(size("/v0/a"), Some(0));
    assert_eq!(size("/v199/a"), Some(0));
    assert_eq!(size("/v299/a"), Some(4));
}

#[test]
fn an_instruction_is_not_shown_with_a_value_that_is_longer_than_anybody_reads() {
    for (length, is_put_in) in [(1_000, true), (20_000, false)] {
        let value = "a".repeat(length);
        let source = format!("FROM a\nENV A={value}\nCOPY $A /x\n");
        let (file, model) = read(&source);
        let plan = plan(&file, &model, &Surroundings::default());
        let shown = plan.steps.last().unwrap().instruction(&file, &model);
        assert_eq!(shown.contains(&value), is_put_in, "{length}");
    }
}

/// What a RUN adds to PHP's image.
fn of_php(run: &str) -> Estimate {
    let source = format!("FROM php:8.2-cli\nRUN {run}\n");
    let plan = planned(&source, &Surroundings::default());
    plan.steps.last().unwrap().size.clone()
}

#[test]
fn extensions_that_the_images_script_builds_weigh_what_was_measured() {
    let bcmath = of_php("docker-php-ext-install bcmath").likely.unwrap();
    assert!((40_000..50_000).contains(&bcmath), "{bcmath}");
    let both = of_php("docker-php-ext-install -j4 bcmath exif").likely;
    for same in [
        "docker-php-ext-install -j 4 bcmath exif",
        "docker-php-ext-install -j$(nproc) bcmath exif",
        "docker-php-ext-install bcmath && docker-php-ext-install exif",
        "docker-php-ext-configure exif && docker-php-ext-install bcmath exif",
        "docker-php-source extract && docker-php-ext-install bcmath exif && docker-php-source delete",
    ] {
        assert_eq!(of_php(same).likely, both, "{same}");
    }
    assert!(both.unwrap() > bcmath);
    let asked = "docker-php-ext-install $EXTENSIONS";
    assert_eq!(
        of_php(&format!("EXTENSIONS=$(cat list); {asked}")).likely,
        None
    );
}

#[test]
fn the_source_of_php_stays_where_nothing_removes_it() {
    for (run, stays) in [
        ("docker-php-source extract", true),
        ("docker-php-ext-configure gd --with-jpeg", true),
        (
            "docker-php-source extract && docker-php-ext-install exif",
            true,
        ),
        (
            "docker-php-source extract && docker-php-source delete",
            false,
        ),
        (
            "docker-php-ext-configure gd && docker-php-ext-install gd",
            false,
        ),
    ] {
        let size = of_php(run).likely.unwrap();
        assert_eq!(size > 100_000_000, stays, "{run}: {size}");
    }
}

#[test]
fn what_pecl_builds_keeps_its_symbols_and_what_it_fetched_until_that_is_removed() {
    let all = of_php("pecl install redis").likely.unwrap();
    for same in [
        "redis-6.0.2",
        "-f redis",
        "channel://pecl.php.net/redis-5.3.7",
        "Redis",
    ] {
        assert_eq!(
            of_php(&format!("pecl install {same}")).likely,
            Some(all),
            "{same}"
        );
    }
    let less = of_php("pecl install redis && rm -rf /tmp/pear ~/.pearrc");
    assert!(less.likely.unwrap() < all, "{less:?}");
    assert_eq!(
        of_php("pecl install redis && rm -rf /tmp/*").likely,
        less.likely
    );
    // One that is not known is about as large as others.
    let other = of_php("pecl install no-such-extension");
    assert!(
        other.likely.is_some() && other.high.unwrap() > 5_000_000,
        "{other:?}"
    );
    assert!(of_php("pecl channel-update pecl.php.net").high.unwrap() < 1_000_000);
}

#[test]
fn what_is_told_of_a_program_goes_where_it_is_built() {
    let told = |path: &str, size: u64| Told {
        path: path.to_owned(),
        step: "go build".to_owned(),
        size,
        because: "measured".to_owned(),
    };
    let around = Surroundings {
        told: vec![told("/bin/app", 7), told("/root/.cache/go-build", 60)],
        ..Surroundings::default()
    };
    let sizes = |build: &str, copied: &str| {
        let source =
            format!("FROM golang:1.22 AS a\nRUN {build}\nFROM scratch\nCOPY --from=a {copied} /\n");
        (size_of(&source, &around, 1), size_of(&source, &around, 2))
    };
    for (build, copied, expected) in [
        ("go build -o /bin/app", "/bin/app", (Some(67), Some(7))),
        (
            "go build -o /out/server",
            "/out/server",
            (Some(67), Some(7)),
        ),
        (
            "cd /x && go build -o server",
            "/x/server",
            (Some(67), Some(7)),
        ),
        ("go build -o /out/server", "/bin/app", (Some(67), None)),
        // One more program, of which nothing is told.
        (
            "go build -o /bin/app && go build -o /b",
            "/bin/app",
            (None, Some(7)),
        ),
        ("go build", "/bin/app", (Some(67), Some(7))),
    ] {
        assert_eq!(sizes(build, copied), expected, "{build}, {copied}");
    }
}

#[test]
fn what_is_told_of_a_mount_or_is_removed_at_once_does_not_stay() {
    let told = |path: &str, size: u64| Told {
        path: path.to_owned(),
        step: "make".to_owned(),
        size,
        because: "it is so".to_owned(),
    };
    let around = Surroundings {
        told: vec![told("/bin/app", 7), told("/root/.cache/x", 60)],
        ..Surroundings::default()
    };
    for (run, size) in [
        ("RUN make", 67),
        ("RUN --mount=type=cache,target=/root/.cache make", 7),
        ("RUN make && rm -rf /root/.cache", 7),
        ("WORKDIR /root\nRUN make && rm -rf .cache/*", 7),
        ("RUN make && rm -rf /root/.cacher", 67),
        ("RUN cd /root && make && rm -rf .cache", 7),
        ("RUN make && cd /tmp && rm -rf .cache", 67),
    ] {
        let source = format!("FROM scratch\n{run}\n");
        let last = planned(&source, &around).steps.pop().unwrap();
        assert_eq!(last.size.likely, Some(size), "{run}");
    }
}

#[test]
fn node_keeps_npms_code_compiled_once_from_release_22_on() {
    let around = Surroundings::default();
    let added = |base: &str, steps: &str, step: usize| {
        let source = format!("FROM {base}\n{steps}\n");
        size_of(&source, &around, step).unwrap()
    };
    let install = "RUN npm install express";
    let again = format!("{install}\nRUN npm config set a b\nRUN npm install pm2");
    let code = added("node:22", install, 1) - added("node:20", install, 1);
    assert_eq!(code, 1_440_000);
    assert_eq!(added("node:22", &again, 2), 0);
    assert_eq!(added("node:22", &again, 3), added("node:20", &again, 3));
    for without in [
        "RUN --mount=type=tmpfs,target=/tmp npm install express",
        "RUN npm install express && rm -rf /tmp/*",
        "ENV NODE_DISABLE_COMPILE_CACHE=1\nRUN npm install express",
    ] {
        let step = without.lines().count();
        let size = |base| added(base, without, step);
        assert_eq!(size("node:22"), size("node:20"), "{without}");
    }
}

#[test]
fn what_npm_installs_for_all_projects_shares_nothing() {
    let around = Surroundings::default();
    let size = |command: &str| {
        let source = format!("FROM node:20\nRUN {command} && rm -rf /root/.npm\n");
        size_of(&source, &around, 1).unwrap()
    };
    let each = ["express@4", "koa"].map(|name| size(&format!("npm install -g {name}")));
    let both = size("npm install -g express@4 koa");
    assert_eq!(both, each[0] + each[1]);
    let twice = size("npm install -g express@4 && npm install -g express@4");
    assert_eq!(twice, each[0]);
    assert!(size("npm install express@4 koa") < both);
    assert!(size("yarn global add express@4 koa") < both);
}

/// A context with that `package.json`.
fn project(list: &str) -> Surroundings {
    let path = "package.json".to_owned();
    let context = Context {
        files: vec![ContextFile {
            path: path.clone(),
            size: 200,
            count: 1,
            content: 1,
            mode: 0o644,
        }],
        lists: [(path, list.into())].into(),
        ..Context::default()
    };
    Surroundings {
        context: Some(context.into()),
        ..Surroundings::default()
    }
}

#[test]
fn a_list_of_packages_is_read_where_it_is_mounted() {
    let around = project(r#"{ "dependencies": { "vue": "^3" } }"#);
    let size = |mount: &str, around: &Surroundings| {
        let source = format!("FROM node:20\nWORKDIR /app\nRUN {mount} npm ci\n");
        size_of(&source, around, 2)
    };
    let copied = "FROM node:20\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\n";
    let copied = size_of(copied, &around, 3);
    assert!(copied > Some(1_000_000));
    for (mount, is_known) in [
        ("type=bind,source=package.json,target=package.json", true),
        (
            "type=bind,source=./package.json,target=/app/package.json",
            true,
        ),
        ("type=bind,source=package.json,target=/package.json", false),
        ("type=bind,source=pack,target=/app/package.json", false),
        (
            "type=bind,from=a,source=package.json,target=/app/package.json",
            false,
        ),
        ("type=cache,target=/app", false),
        ("type=bind,source=package.json", false),
    ] {
        let found = size(&format!("--mount={mount}"), &around);
        assert_eq!(found, copied.filter(|_| is_known), "{mount}");
        assert_eq!(
            size(&format!("--mount={mount}"), &Surroundings::default()),
            None
        );
    }
}

#[test]
fn what_only_development_names_stays_where_something_takes_it_beside_itself() {
    let around = |development: &str| {
        let list = format!(
            r#"{{ "dependencies": {{ "vue": "^3" }}, "devDependencies": {{ {development} }} }}"#
        );
        project(&list)
    };
    let size = |development: &str, command: &str| {
        let source = format!(
            "FROM node:20\nWORKDIR /app\nCOPY package.json .\nRUN {command} && rm -rf /root/.npm\n"
        );
        size_of(&source, &around(development), 3).unwrap()
    };
    let alone = size("", "npm ci --omit=dev");
    let typescript = r#""typescript": "^5""#;
    assert!(size(typescript, "npm ci --omit=dev") > alone + 20_000_000);
    assert_eq!(size(r#""mocha": "*""#, "npm ci --omit=dev"), alone);
    assert_eq!(size(typescript, "yarn install --production"), alone);
}

#[test]
fn packages_that_are_named_again_and_again_take_no_longer_each() {
    let time = |count: usize| {
        let jest = "\"jest\": \"29\", ".repeat(count);
        // What Jest takes in any version is the last that is named.
        let list = format!(
            r#"{{ "dependencies": {{ {jest} "x": "1" }},
            "optionalDependencies": {{ {jest} "@types/node": "20" }} }}"#
        );
        let around = project(&list);
        let start = Instant::now();
        planned(
            "FROM node:20\nCOPY package.json .\nRUN npm install\n",
            &around,
        );
        start.elapsed().max(Duration::from_millis(5))
    };
    time(1);
    let (few, many) = (time(190), time(1_900));
    assert!(many < few * 30, "{few:?} {many:?}");
}

#[test]
fn a_program_of_go_may_need_no_modules() {
    let plan = planned(
        "FROM golang:1.22\nRUN go mod download\n",
        &Surroundings::default(),
    );
    assert_eq!(plan.steps[1].size.low, 0);
}

#[test]
fn of_a_go_program_only_the_caches_that_are_kept_count() {
    let around = Surroundings::default();
    let range = |steps: &str| {
        let source = format!("FROM golang:1.22\n{steps}\n");
        let plan = planned(&source, &around);
        let size = &plan.steps.last().unwrap().size;
        (size.low / 1_000_000, size.high.unwrap() / 1_000_000)
    };
    let cache = "--mount=type=cache,target=/root/.cache/go-build";
    let modules = "--mount=type=cache,target=/go/pkg/mod";
    for (steps, expected) in [
        ("RUN go build -o /app", (20, 2_000)),
        ("RUN go mod download\nRUN go build -o /app", (20, 1_000)),
        ("RUN go build -o /app && rm -rf /root/.cache", (1, 1_300)),
        (
            "RUN go mod download\nRUN go build -o /app && go clean -cache",
            (1, 300),
        ),
        (
            "RUN go build -o /app && go clean -cache -modcache",
            (1, 300),
        ),
        ("RUN go mod download && go clean -modcache", (0, 0)),
    ] {
        assert_eq!(range(steps), expected, "{steps}");
    }
    assert_eq!(
        range(&format!("RUN {cache} {modules} go build -o /app")),
        (1, 300)
    );
}

#[test]
fn builds_of_another_index_are_not_those_of_pypi() {
    let cpu = "https://download.pytorch.org/whl/cpu";
    let lists = [
        format!("--extra-index-url {cpu}\ntorch==2.1.0\nflask\n"),
        "-i https://pypi.example/simple\n--trusted-host pypi.example\nflask\n".to_owned(),
    ];
    let lists = lists.map(Arc::<str>::from);
    let around = Surroundings {
        context: Some(Arc::new(Context {
            lists: (1..)
                .zip(lists)
                .map(|(at, text)| (format!("r{at}.txt"), text))
                .collect(),
            files: ["r1.txt", "r2.txt"]
                .map(|path| ContextFile {
                    path: path.to_owned(),
                    size: 60,
                    count: 1,
                    content: 1,
                    mode: 0,
                })
                .into(),
            ..Context::default()
        })),
        ..Surroundings::default()
    };
    let size = |install: &str| {
        let source = format!("FROM python:3.11-slim\nCOPY *.txt /\nRUN pip install {install}\n");
        size_of(&source, &around, 2)
    };
    let flask = size("flask");
    assert!(flask.is_some() && size("torch").is_some());
    for open in [
        format!("torch --index-url {cpu}"),
        format!("--index-url={cpu} torchvision"),
        format!("flask torch -f {cpu}/torch_stable.html"),
        "torch==2.1.0+cpu".to_owned(),
        "-r /r1.txt".to_owned(),
    ] {
        assert_eq!(size(&open), None, "{open}");
    }
    // What brings `torch` along does, too; where it is there, it does not count again.
    let needs = "--no-cache-dir sentence-transformers";
    let source = format!(
        "FROM python:3.11-slim\nRUN pip install torch --index-url {cpu}\n\
         RUN pip install {needs}\nRUN pip install {needs} --extra-index-url {cpu}\n"
    );
    let behind = size_of(&source, &around, 2).unwrap();
    assert!((100_000_000..1_000_000_000).contains(&behind), "{behind}");
    assert!(size(needs).unwrap() > behind + 4_000_000_000);
    let source =
        format!("FROM python:3.11-slim\nRUN pip install {needs} --extra-index-url {cpu}\n");
    let along = &planned(&source, &around).steps[1].size.clone();
    assert_eq!(along.likely, None);
    assert!(along.low < 1_000_000_000, "{along:?}");
    for mirror in [
        "-i https://pypi.example/simple flask".to_owned(),
        format!("flask --extra-index-url {cpu}"),
        "-r /r2.txt".to_owned(),
    ] {
        assert_eq!(size(&mirror), flask, "{mirror}");
    }
}

#[test]
fn modules_that_were_removed_are_installed_again() {
    let source = "FROM node:20\nRUN npm install express && rm -rf /root/.npm\n\
                  RUN rm -rf /node_modules && npm install express && rm -rf /root/.npm\n";
    let around = Surroundings::default();
    let first = size_of(source, &around, 1);
    assert!(first.unwrap() > 1_000_000);
    assert_eq!(size_of(source, &around, 2), first);
    // Those for all projects are elsewhere.
    let steps = "npm install -g pm2 && rm -rf /root/.npm /tmp/*";
    let size = |removed: &str| {
        let source =
            format!("FROM node:20\nRUN {steps}\nRUN {steps} && rm -rf {removed}\nRUN {steps}\n");
        size_of(&source, &around, 3).unwrap()
    };
    assert!(size("/usr/local/lib/node_modules") > 1_000_000);
    assert_eq!(size("/app/node_modules"), 0);
}
