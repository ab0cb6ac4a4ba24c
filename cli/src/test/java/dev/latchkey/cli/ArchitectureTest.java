// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestTemplate;

/// Keeps the house as docs/ARCHITECTURE.md draws it.
class ArchitectureTest {
  private static final String ROOT = "dev.latchkey.";

  /// What each module may use, everything that can be reached through an arrow included.
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("credential", Set.of()),
          Map.entry("sasl", Set.of("credential")),
          Map.entry("authority", Set.of("credential")),
          Map.entry("wire", Set.of("credential")),
          Map.entry("devices", Set.of("authority", "credential")),
          Map.entry("chat", Set.of("credential", "wire.element")),
          Map.entry("xmpp", Set.of("chat", "devices", "sasl", "wire", "authority", "credential")),
          Map.entry("store", Set.of("xmpp", "chat", "credential", "wire")),
          Map.entry("client", Set.of("wire", "sasl", "credential")),
          Map.entry(
              "server",
              Set.of(
                  "store", "xmpp", "chat", "devices", "authority", "credential", "sasl", "wire")),
          Map.entry(
              "cli",
              Set.of(
                  "server",
                  "client",
                  "store",
                  "xmpp",
                  "chat",
                  "devices",
                  "authority",
                  "credential",
                  "sasl",
                  "wire")));

  /// What each room of xmpp may use of the other rooms.
  private static final Map<String, Set<String>> ROOMS =
      Map.of(
          "protocol", Set.of("session"),
          "transport", Set.of(),
          "stream", Set.of("transport"),
          "session", Set.of("stream", "transport"),
          "signin", Set.of("session", "stream", "transport", "protocol"),
          "manage", Set.of("session", "protocol"),
          "backend", Set.of("session"));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.latchkey");

  @TestFactory
  Stream<DynamicTest> modulesUseOnlyWhatTheirArrowsReach() {
    return ARROWS.entrySet().stream()
        .map(
            module ->
                DynamicTest.dynamicTest(
                    module.getKey(),
                    () ->
                        noClasses()
                            .that()
                            .resideInAPackage(ROOT + module.getKey() + "..")
                            .should()
                            .dependOnClassesThat(
                                resideInAPackage("dev.latchkey..")
                                    .and(
                                        not(
                                            resideInAnyPackage(
                                                packages(
                                                    ROOT, module.getKey(), module.getValue())))))
                            .check(MAIN)));
  }

  @TestFactory
  Stream<DynamicTest> roomsOfXmppSeeOnlyWhatTheyMay() {
    return ROOMS.entrySet().stream()
        .map(
            room ->
                DynamicTest.dynamicTest(
                    room.getKey(),
                    () ->
                        noClasses()
                            .that()
                            .resideInAPackage(ROOT + "xmpp." + room.getKey() + "..")
                            .should()
                            .dependOnClassesThat(
                                resideInAPackage(ROOT + "xmpp..")
                                    .and(
                                        not(
                                            resideInAnyPackage(
                                                packages(
                                                    ROOT + "xmpp.",
                                                    room.getKey(),
                                                    room.getValue())))))
                            .check(MAIN)));
  }

  @Test
  void everyModuleAndEveryRoomIsDrawn() {
    Set<String> modules = new TreeSet<>();
    Set<String> rooms = new TreeSet<>();
    for (JavaClass found : MAIN) {
      String[] parts = found.getPackageName().split("\\.");
      modules.add(parts[2]);
      if (parts[2].equals("xmpp") && parts.length > 3) {
        rooms.add(parts[3]);
      }
    }
    // testkit is no part of the house; it lies on the class path of tests.
    modules.remove("testkit");
    assertThat(modules).isEqualTo(new TreeSet<>(ARROWS.keySet()));
    assertThat(rooms).isEqualTo(new TreeSet<>(ROOMS.keySet()));
  }

  @Test
  void noPackageIsADrawerForAnything() {
    check(
        noClasses()
            .should()
            .resideInAnyPackage(
                "..util..",
                "..utils..",
                "..common..",
                "..helper..",
                "..helpers..",
                "..misc..",
                "..impl.."));
  }

  @Test
  void onlyTheStoreKnowsSql() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "store..")
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi..", "org.flywaydb..")));
  }

  @Test
  void onlyWhatTouchesSocketsKnowsNetty() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "wire..", ROOT + "xmpp..", ROOT + "client..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void onlyAuthorityAndClientBuildCertificates() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "authority..", ROOT + "client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bouncycastle.."));
  }

  @Test
  void timeIsInjected() {
    check(
        noClasses()
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(LocalDateTime.class, "now")
            .orShould()
            .callMethod(ZonedDateTime.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(Clock.class, "systemDefaultZone"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "server..", ROOT + "cli..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "client.ClientEnvironment")
            .should()
            .callMethod(java.time.InstantSource.class, "system"));
  }

  @Test
  void randomnessIsInjected() {
    check(
        noClasses()
            .should()
            .callConstructor(Random.class)
            .orShould()
            .callConstructor(Random.class, long.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocalRandom.class)
            .orShould()
            .callMethod(Math.class, "random"));
  }

  @Test
  void noStateIsStatic() {
    check(
        com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields()
            .that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .areNotEnums()
            .should()
            .beFinal());
  }

  @Test
  void testsAreNamedByTheirKind() {
    JavaClasses tests = testClasses();
    methods()
        .that()
        .areAnnotatedWith(Test.class)
        .or()
        .areMetaAnnotatedWith(TestTemplate.class)
        .should()
        .beDeclaredInClassesThat()
        .haveNameMatching(".*(Test|IT|Contract)")
        .andShould()
        .haveNameNotMatching("test[A-Z].*")
        .check(tests);
    classes()
        .that()
        .haveSimpleNameEndingWith("Contract")
        .should(beAbstract())
        .allowEmptyShould(true)
        .check(tests);
  }

  private static ArchCondition<JavaClass> beAbstract() {
    return new ArchCondition<>("be abstract") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        boolean isAbstract =
            item.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT);
        events.add(new SimpleConditionEvent(item, isAbstract, item.getName() + " is no contract"));
      }
    };
  }

  /// The compiled tests of every module that has been built before this one.
  private static JavaClasses testClasses() {
    List<Path> folders = new ArrayList<>();
    Path house = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    for (String module : ARROWS.keySet()) {
      Path folder =
          house
              .resolve(module.equals("store") ? "store-jdbc" : module)
              .resolve("target/test-classes");
      if (Files.isDirectory(folder)) {
        folders.add(folder);
      }
    }
    return new ClassFileImporter().importPaths(folders);
  }

  private static String[] packages(String prefix, String own, Set<String> allowed) {
    return Stream.concat(Stream.of(own), allowed.stream())
        .map(name -> prefix + name + "..")
        .toArray(String[]::new);
  }

  private static void check(ArchRule rule) {
    rule.check(MAIN);
  }
}
