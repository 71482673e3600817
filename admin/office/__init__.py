"""The secretary's desk: plan, dossiers, questions, minutes, report, export, backup."""
